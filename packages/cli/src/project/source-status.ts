import type { EventStore } from '@martlet/feature-store'
import type { Project } from './project.ts'

/** How far a source's events are, as the journal says. */
export interface SourceStatus {
  readonly source: string
  /** The newest position. */
  readonly position: number
  /** Events that the warehouse does not have yet. */
  readonly lag: number
  /** When the oldest of these came; null when there is none. */
  readonly waitingSince: string | null
}

/** How far the sources of a project are; empty when there are none, or the online store takes no events. */
export async function sourceStatuses(project: Project): Promise<readonly SourceStatus[]> {
  const sources = [...(await project.definitions()).sources.keys()]
  if (sources.length === 0) return []
  const { events } = await project.online()
  return events === undefined ? [] : Promise.all(sources.map((source) => statusOf(source, events)))
}

async function statusOf(source: string, events: EventStore): Promise<SourceStatus> {
  const newest = await events.newest(source)
  const [oldest] = await events.read(source, 0n, 1)
  return {
    source,
    position: Number(newest),
    lag: oldest === undefined ? 0 : Number(newest - oldest.position + 1n),
    waitingSince: oldest === undefined ? null : new Date(Number(oldest.arrived / 1000n)).toISOString(),
  }
}
