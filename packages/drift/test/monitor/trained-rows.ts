import type { Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, type ReferenceProfile } from '../../src/index.ts'
import { normal, sample } from '../random.ts'
import { tableOf } from '../tables.ts'

export const day = 86_400_000
export const start: number = Date.parse('2026-01-05T00:00:00Z')
export const now: Date = new Date(start + 40 * day)

const columns = [
  { name: 'usage__kwh_7d', type: 'double' as const },
  { name: 'usage__tariff', type: 'text' as const },
  { name: 'prediction', type: 'double' as const, role: 'prediction' as const },
]

export interface Row {
  readonly time: Date
  readonly kwh: number
  readonly tariff: string
  readonly prediction: number
}

/** A hundred rows per day from an instant on, whose numbers lie around `shift`. */
export function rowsFrom(seed: number, first: number, days: number, shift = 0): Row[] {
  const draw = normal(seed)
  return sample(days * 100, () => draw()).map((kwh, i) => ({
    time: new Date(first + i * (day / 100)),
    kwh: kwh + shift,
    tariff: i % 3 === 0 ? 'day' : 'flat',
    prediction: kwh * 2 + shift,
  }))
}

export function tableOfRows(
  warehouse: Warehouse,
  rows: readonly Row[],
  names: { readonly time: string; readonly kwh: string; readonly tariff: string },
): Promise<string> {
  return tableOf(warehouse, {
    [names.time]: { type: 'timestamp', values: rows.map(({ time }) => time) },
    [names.kwh]: { type: 'double', values: rows.map(({ kwh }) => kwh) },
    [names.tariff]: { type: 'text', values: rows.map(({ tariff }) => tariff) },
    prediction: { type: 'double', values: rows.map(({ prediction }) => prediction) },
  })
}

export const windowsFrom = (first: number, count: number): readonly { readonly from: Date; readonly to: Date }[] =>
  Array.from({ length: count }, (_, i) => ({ from: new Date(first + i * day), to: new Date(first + (i + 1) * day) }))

/** A warehouse with thirty days of rows that a model was trained on, and their profile. */
export interface Trained {
  readonly warehouse: Warehouse
  readonly training: string
  readonly profile: ReferenceProfile
}

export async function openTrained(): Promise<Trained> {
  const warehouse = await openTestWarehouse()
  const training = await tableOfRows(warehouse, rowsFrom(1, start, 30), {
    time: 'event_time',
    kwh: 'usage__kwh_7d',
    tariff: 'usage__tariff',
  })
  const profile = await profileReference(warehouse, {
    name: 'next_day',
    relation: sql`SELECT * FROM ${sql.table(training)}`,
    columns,
    time: 'event_time',
    now: new Date(start + 30 * day),
  })
  return { warehouse, training, profile }
}
