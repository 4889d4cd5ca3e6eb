import { columnBatch, type ColumnBatch } from '@martlet/warehouse'
import { MILLIS_PER_DAY } from './options.ts'

/** Rows of mart.dim_time for the days `[fromDay, toDay)`, counted from the epoch (UTC). */
export function calendarRows(fromDay: number, toDay: number): ColumnBatch {
  const days = Array.from({ length: Math.max(0, toDay - fromDay) }, (_, i) => calendarDay(fromDay + i))
  return columnBatch({
    date: { type: 'date', values: days.map(({ epochDay }) => epochDay) },
    year: { type: 'integer', values: days.map(({ year }) => year) },
    quarter: { type: 'integer', values: days.map(({ month }) => Math.ceil(month / 3)) },
    month: { type: 'integer', values: days.map(({ month }) => month) },
    day: { type: 'integer', values: days.map(({ day }) => day) },
    week_year: { type: 'integer', values: days.map(({ weekYear }) => weekYear) },
    week: { type: 'integer', values: days.map(({ week }) => week) },
    weekday: { type: 'integer', values: days.map(({ weekday }) => weekday) },
    is_weekend: { type: 'boolean', values: days.map(({ weekday }) => weekday >= 6) },
  })
}

function calendarDay(epochDay: number) {
  const date = new Date(epochDay * MILLIS_PER_DAY)
  const weekday = ((date.getUTCDay() + 6) % 7) + 1
  // ISO 8601: a week belongs to the year that its Thursday is in.
  const thursday = new Date((epochDay + 4 - weekday) * MILLIS_PER_DAY)
  const weekYear = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / MILLIS_PER_DAY / 7) + 1
  return {
    epochDay,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekYear,
    week,
    weekday,
  }
}
