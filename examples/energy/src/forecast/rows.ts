import type { ColumnBatch } from '@martlet/warehouse'

/** The feature that says how much a customer consumes. */
export const LEVEL = 'customer_usage__mean_14d'
const DAY_MICROS = 86_400_000_000

/** Whether each row's label, of so many days ahead, ended before the cut. */
export function endsBefore(batch: ColumnBatch, cut: bigint, days: number): readonly boolean[] {
  return Array.from(timesOf(batch), (t) => t + BigInt(days * DAY_MICROS) <= cut)
}

export function dayNumbers(batch: ColumnBatch): Float64Array {
  return Float64Array.from(timesOf(batch), (t) => Math.round(Number(t) / DAY_MICROS))
}

function timesOf(batch: ColumnBatch): BigInt64Array {
  const times = batch.columns[batch.names.indexOf('predict_at')]
  if (times?.type !== 'timestamp') throw new Error('the training set has no time column predict_at')
  return times.values
}

/** A large building must not outweigh hundreds of flats: rows weigh the inverse of the customer's level. */
export function rowWeights(level: Float64Array, seen: readonly boolean[]): Float64Array {
  const known = [...level].filter((one) => Number.isFinite(one) && one > 0).toSorted((a, b) => a - b)
  const floor = known[Math.floor(known.length / 10)] ?? 1
  return level.map((one, row) => (seen[row] === true && Number.isFinite(one) ? 1 / Math.max(one, floor) : 0))
}
