import type { Warehouse } from '@martlet/warehouse'
import type { TimeWindow } from '../../src/index.ts'
import { normal } from '../random.ts'
import { tableOf } from '../tables.ts'

export const day = 86_400_000
/** A Monday. */
export const monday: number = Date.parse('2026-01-05T00:00:00Z')

/** What seasonal tables have beside their time. */
export const columns = [
  { name: 'x', type: 'double' as const },
  { name: 'kind', type: 'text' as const },
]

/** Days of the tables, from the first one on. */
export const days = (first: number, length = 1): TimeWindow => ({
  from: new Date(monday + first * day),
  to: new Date(monday + (first + length) * day),
})

export interface SeasonalRows {
  readonly seed: number
  readonly from: number
  readonly days: number
  readonly perDay: number
  /** What a weekday (0 is Monday) adds. */
  readonly week?: (weekday: number) => number
  /** How far the year swings, a summer and a winter. */
  readonly year?: number
  /** What every row from an instant on has more. */
  readonly shift?: { readonly at: number; readonly by: number }
}

const weekend = (weekday: number): number => (weekday >= 5 ? 2 : 0)

/** Rows around a level with a weekly and a yearly season: `ts`, a number `x` and a category `kind`. */
export function seasonalTable(warehouse: Warehouse, rows: SeasonalRows): Promise<string> {
  const { seed, from, days, perDay, week = weekend, year = 0, shift } = rows
  const draw = normal(seed)
  const times = Array.from({ length: days * perDay }, (_, i) => from + (i * day) / perDay)
  return tableOf(warehouse, {
    ts: { type: 'timestamp', values: times.map((time) => new Date(time)) },
    x: {
      type: 'double',
      values: times.map((time) => {
        const weekday = Math.floor((time - monday) / day + 7 * 1000) % 7
        const moved = shift !== undefined && time >= shift.at ? shift.by : 0
        return draw() + week(weekday) + year * Math.sin((2 * Math.PI * (time - monday)) / (364 * day)) + moved
      }),
    },
    kind: {
      type: 'text',
      values: times.map((time, i) =>
        Math.floor((time - monday) / day + 7 * 1000) % 7 >= 5 && i % 2 === 0 ? 'leisure' : i % 3 === 0 ? 'a' : 'b',
      ),
    },
  })
}
