import type { EventStore } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { Project } from '../project/project.ts'

/**
 * Where the project's pushed events are.
 * @throws MartletError EVENTS_UNSUPPORTED when its online store takes none
 */
export async function eventStoreOf(project: Project): Promise<EventStore> {
  const { events, kind } = await project.online()
  if (events !== undefined) return events
  throw new MartletError('EVENTS_UNSUPPORTED', `The online store (${kind}) takes no events. Use LMDB or Redis.`, {
    data: { kind },
  })
}
