import type { FaultName } from './options.ts'

/** One fault that a world has: in which row of which table of raw, and when that row arrived (milliseconds since the epoch). */
export interface Fault {
  readonly fault: FaultName
  readonly table: string
  /** The row's key, its parts separated by a space. */
  readonly key: string
  readonly loadedAt: number
}

/** Takes note of a fault that a row has. */
export type Note = (fault: Fault) => void

export const noNote: Note = () => undefined

/** How many faults of each kind there are, in the order of their names. */
export function faultCounts(faults: Iterable<Fault>): ReadonlyMap<FaultName, number> {
  const counts = new Map<FaultName, number>()
  for (const { fault } of faults) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  return new Map([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
