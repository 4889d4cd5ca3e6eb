import { sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { loads, snapshots } from '../mart-steps.ts'
import type { Fault } from './ledger.ts'
import { DAY } from './options.ts'
import { rawRows } from './raw-rows.ts'
import { rawTables, type RawTable } from './raw-tables.ts'
import { RowBuffer } from './row-buffer.ts'
import type { World } from './simulate.ts'
import { deliverTelemetry } from './telemetry.ts'

/** Which arrivals to deliver, in days from the start of the world: those of `[fromDay, untilDay)`. */
export interface DeliveryDays {
  /** @default 0 */
  readonly fromDay?: number
  /** @default all days of the world */
  readonly untilDay?: number
}

export interface Delivery {
  /** Rows added, by table of raw. */
  readonly rows: Readonly<Record<RawTable | 'telemetry', number>>
  /** The faults of these rows. */
  readonly faults: readonly Fault[]
}

const BATCH_ROWS = 65_536

/**
 * Appends to raw what arrives in some days of a world, in one transaction per table. What arrives after the last day, such as
 * the deliveries of shipments that are on their way then, is not there yet.
 *
 * @example await deliver(warehouse, simulate({ seed: 1 }), { fromDay: 90, untilDay: 91 })
 */
export async function deliver(warehouse: Warehouse, world: World, days: DeliveryDays = {}): Promise<Delivery> {
  const start = world.shape.startDay * DAY
  const range = {
    from: start + (days.fromDay ?? 0) * DAY,
    to: start + (days.untilDay ?? world.shape.days) * DAY,
  }
  const faults: Fault[] = []
  const note = (fault: Fault): void => {
    if (fault.loadedAt >= range.from && fault.loadedAt < range.to) faults.push(fault)
  }
  const counts: [string, number][] = []
  for (const table of Object.keys(rawTables) as RawTable[]) {
    const rows = await warehouse.transaction(async (raw) => {
      const buffer = new RowBuffer(rawTables[table])
      let added = 0
      for (const row of rawRows[table](world, note)) {
        const loadedAt = row.at(-1)
        if (typeof loadedAt !== 'number' || loadedAt < range.from || loadedAt >= range.to) continue
        buffer.add(...row)
        if (buffer.rows === BATCH_ROWS) added += await raw.append(`raw.${table}`, buffer.take())
      }
      if (buffer.rows > 0) added += await raw.append(`raw.${table}`, buffer.take())
      return added
    })
    counts.push([table, rows])
  }
  counts.push(['telemetry', await deliverTelemetry(warehouse, world, range, note)])
  return { rows: Object.fromEntries(counts) as Delivery['rows'], faults }
}

/** Empties raw and all that is loaded from it, so that a world can be delivered from its start. */
export async function emptyTables(warehouse: Warehouse): Promise<void> {
  const filled = [...loads, ...snapshots].map(({ into }) => into)
  const raw = [...Object.keys(rawTables), 'telemetry'].map((table) => `raw.${table}`)
  await warehouse.transaction(async (tables) => {
    for (const table of [...raw, ...filled]) await tables.run(sql`DELETE FROM ${tableRef(table)}`)
  })
}
