import { columnBatch, ensureTable, type ColumnSpec, type Warehouse } from '@martlet/warehouse'

/** A prediction, and what happened. */
export interface Pair {
  readonly at: Date
  readonly entity: string
  readonly p: number | null
  readonly y: number | null
  readonly segment?: string | null
  readonly baseline?: number | null
  readonly version?: number
  readonly role?: string | null
}

const HOUR = 3_600_000

const predictionColumns: readonly ColumnSpec[] = [
  { name: 'predicted_at', type: 'timestamp' },
  { name: 'model_version', type: 'bigint' },
  { name: 'role', type: 'text' },
  { name: 'customer_id', type: 'text' },
  { name: 'prediction', type: 'double' },
  { name: 'usage__last', type: 'double' },
  { name: 'usage__region', type: 'text' },
]

/** Puts predictions into `predicted_<name>` and what happened an hour later into `happened_<name>`. */
export async function tablesOf(
  warehouse: Warehouse,
  name: string,
  pairs: readonly Pair[],
): Promise<{ readonly table: string; readonly labels: string }> {
  const [table, labels] = [`predicted_${name}`, `happened_${name}`]
  await ensureTable(warehouse, { table, columns: predictionColumns })
  await warehouse.append(
    table,
    columnBatch({
      predicted_at: { type: 'timestamp', values: pairs.map(({ at }) => at) },
      model_version: { type: 'bigint', values: pairs.map(({ version = 1 }) => version) },
      role: { type: 'text', values: pairs.map(({ role = null }) => role) },
      customer_id: { type: 'text', values: pairs.map(({ entity }) => entity) },
      prediction: { type: 'double', values: pairs.map(({ p }) => p) },
      usage__last: { type: 'double', values: pairs.map(({ baseline = null }) => baseline) },
      usage__region: { type: 'text', values: pairs.map(({ segment = null }) => segment) },
    }),
  )
  const known = pairs.filter(({ y, version = 1 }) => y !== null && version === 1)
  await ensureTable(warehouse, {
    table: labels,
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'at', type: 'timestamp' },
      { name: 'value', type: 'double' },
    ],
  })
  await warehouse.append(
    labels,
    columnBatch({
      customer_id: { type: 'text', values: known.map(({ entity }) => entity) },
      at: { type: 'timestamp', values: known.map(({ at }) => new Date(at.getTime() + HOUR)) },
      value: { type: 'double', values: known.map(({ y }) => y) },
    }),
  )
  return { table, labels }
}

/** How a prediction of these tables finds what happened. */
export const anHourLater = { time: 'at', value: 'value', gap: HOUR * 1000, within: 60_000_000 } as const
