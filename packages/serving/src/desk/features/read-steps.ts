import type { Limits } from '../limits.ts'
import { paceOf, type Pace } from '../pace.ts'
import { Problem } from '../problem.ts'
import type { Asked, PreparedRead } from './prepared-read.ts'

/** How many values are read and written before other requests get a turn. */
export function valuePace(): Pace {
  return paceOf({ stepMs: 15, first: 25_000, least: 2500, most: 25_000 })
}

/**
 * Checks the size of an answer before anything is read.
 *
 * @throws Problem `TOO_MANY_VALUES` (413) when it would hold more values than one request may ask for
 */
export function checkValues({ keys }: Asked, { fields, plan }: PreparedRead, limits: Limits): void {
  const values = keys.length * fields.length
  if (values <= limits.valuesPerRequest) return
  throw new Problem(
    413,
    'TOO_MANY_VALUES',
    `${keys.length} keys of ${fields.length} features (service ${plan.name}) are ${values} values; ` +
      `the limit is ${limits.valuesPerRequest}. Ask for fewer keys at once, or for some of the features.`,
    { path: 'keys' },
  )
}

/** Rows that are read and written in one step. */
export function rowsPerStep({ fields }: PreparedRead, pace: Pace): number {
  return Math.max(1, Math.floor(pace.units / Math.max(1, fields.length)))
}

/** What was asked for in parts of at most `rows`. */
export function* partsOf({ keys, request }: Asked, rows: number): Generator<Asked> {
  for (let from = 0; from < keys.length; from += rows)
    yield { keys: keys.slice(from, from + rows), request: request?.slice(from, from + rows) }
}
