import { createHash } from 'node:crypto'
import type { ColumnBatch } from '@martlet/warehouse'
import type { MartOptions } from '../../src/mart/options.ts'
import { usageBatches } from '../../src/mart/usage.ts'

/** A reading, with instants in milliseconds and amounts in whole units of their last decimal. */
export interface UsageRow {
  readonly id: string
  readonly ts: number
  readonly wattHours: number
  readonly costMicros: number
  readonly arrived: number
}

export function usageRows(options: MartOptions): UsageRow[] {
  return [...usageBatches(options)].flatMap(rowsOfBatch)
}

function rowsOfBatch({ rows, columns }: ColumnBatch): UsageRow[] {
  const [ids, ts, kwh, cost, arrived] = columns
  if (
    ids?.type !== 'text' ||
    ts?.type !== 'timestamp' ||
    kwh?.type !== 'double' ||
    cost?.type !== 'double' ||
    arrived?.type !== 'timestamp'
  ) {
    throw new TypeError('not a batch of readings')
  }
  return Array.from({ length: rows }, (_, row) => ({
    id: ids.values[row] ?? '',
    ts: Number((ts.values[row] ?? 0n) / 1000n),
    wattHours: whole((kwh.values[row] ?? 0) * 1000),
    costMicros: whole((cost.values[row] ?? 0) * 1e6),
    arrived: Number((arrived.values[row] ?? 0n) / 1000n),
  }))
}

/** A decimal as an integer of its last unit; refuses one that has more decimals. */
function whole(value: number): number {
  const rounded = Math.round(value)
  if (Math.abs(value - rounded) > 1e-4) throw new RangeError(`${value} is not whole`)
  return rounded + 0
}

/** A digest of the bytes of every column. */
export function digest(options: MartOptions): string {
  const hash = createHash('sha256')
  for (const { columns } of usageBatches(options)) {
    for (const column of columns)
      hash.update(ArrayBuffer.isView(column.values) ? column.values : column.values.join('\n'))
  }
  return hash.digest('hex')
}
