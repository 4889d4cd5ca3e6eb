import type { ColumnBatch } from '@martlet/warehouse'

/** Rows of mart.fact_energy_usage, collected column by column until they fill a batch. */
export class UsageRows {
  readonly #capacity: number
  #ids: string[] = []
  readonly #ts: BigInt64Array
  readonly #kwh: Float64Array
  readonly #cost: Float64Array
  readonly #arrived: BigInt64Array

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#ts = new BigInt64Array(capacity)
    this.#kwh = new Float64Array(capacity)
    this.#cost = new Float64Array(capacity)
    this.#arrived = new BigInt64Array(capacity)
  }

  /** Whether `rows` more rows fit. */
  fits(rows: number): boolean {
    return this.#ids.length + rows <= this.#capacity
  }

  /** Times in milliseconds since the epoch. */
  add(id: string, ts: number, kwh: number, cost: number, arrived: number): void {
    const row = this.#ids.length
    this.#ids.push(id)
    this.#ts[row] = BigInt(ts) * 1000n
    this.#kwh[row] = kwh
    this.#cost[row] = cost
    this.#arrived[row] = BigInt(arrived) * 1000n
  }

  /** Returns the collected rows, or undefined when there are none, and starts again. */
  take(): ColumnBatch | undefined {
    const rows = this.#ids.length
    if (rows === 0) return undefined
    const ids = this.#ids
    this.#ids = []
    return {
      rows,
      names: ['customer_id', 'ts', 'consumption_kwh', 'cost', 'arrived_at'],
      columns: [
        { type: 'text', values: ids, nulls: null },
        { type: 'timestamp', values: this.#ts.slice(0, rows), nulls: null },
        { type: 'double', values: this.#kwh.slice(0, rows), nulls: null },
        { type: 'double', values: this.#cost.slice(0, rows), nulls: null },
        { type: 'timestamp', values: this.#arrived.slice(0, rows), nulls: null },
      ],
    }
  }
}
