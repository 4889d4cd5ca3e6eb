import type { AnyIngestSource } from '@martlet/feature-store'
import { named } from '../project/definitions.ts'
import type { Project } from '../project/project.ts'

/**
 * The sources of a project: all, or those that are named.
 * @throws MartletError SOURCE_UNKNOWN when there is none of that name
 */
export async function chosenSources(project: Project, names: readonly string[]): Promise<readonly AnyIngestSource[]> {
  const { sources } = await project.definitions()
  return names.length === 0 ? [...sources.values()] : names.map((name) => named(sources, name, 'source'))
}
