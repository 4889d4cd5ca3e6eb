import type { Limits } from '../http/limits.ts'
import { paceOf, type Pace } from '../http/pace.ts'
import { Problem } from '../http/problem.ts'
import type { EntityKey } from './entity-keys.ts'
import type { PreparedRead } from './served-service.ts'

/** The pace of reading and writing values without giving way to other requests. */
export function valuePace(): Pace {
  return paceOf({ stepMs: 15, first: 25_000, least: 2500, most: 25_000 })
}

/** Refuses an answer of more values than one request may ask for. */
export function checkValues(keys: readonly EntityKey[], { fields, plan }: PreparedRead, limits: Limits): void {
  const values = keys.length * fields.length
  if (values <= limits.valuesPerRequest) return
  throw new Problem(
    413,
    'TOO_MANY_VALUES',
    `${keys.length} keys of ${fields.length} features (service ${plan.name}) are ${values} values; the limit is ${limits.valuesPerRequest}. ` +
      'Ask for fewer keys at once, or for some of the features',
    { path: 'keys' },
  )
}

/** Rows that are read and written in one step. */
export function rowsPerStep({ fields }: PreparedRead, pace: Pace): number {
  return Math.max(1, Math.floor(pace.units / Math.max(1, fields.length)))
}

/** The keys in parts of so many rows. */
export function* partsOf(keys: readonly EntityKey[], rows: number): Generator<readonly EntityKey[]> {
  for (let from = 0; from < keys.length; from += rows) yield keys.slice(from, from + rows)
}
