import { MartletError } from '@martlet/warehouse'
import { SPINE_MICROS } from '../../compile/keyed-spine.ts'

/** Columns that Martlet adds to the spine's. */
const RESERVED = ['spine_row', SPINE_MICROS]

/** Refuses names that the engines confuse, or that Martlet uses; `more` are used as well. */
export function refuseNames(names: readonly string[], more: readonly string[] = []): void {
  const lower = names.map((name) => name.toLowerCase())
  const again = names.find((_, i) => lower.indexOf(lower[i] ?? '') !== i)
  if (again !== undefined)
    throw bad(`The spine has two columns named '${again}', regardless of case. Rename one.`, { column: again })
  const taken = names.find((name) => [...RESERVED, ...more].includes(name.toLowerCase()))
  if (taken !== undefined)
    throw bad(`The spine's column '${taken}' has a name that Martlet uses itself. Rename it.`, { column: taken })
}

export function bad(message: string, data: Readonly<Record<string, unknown>> = {}): MartletError {
  return new MartletError('BAD_SPINE', message, { data })
}
