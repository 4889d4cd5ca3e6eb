import { MONTHS } from '../count/month-names.ts'
import { sql, type DatePart, type Leaves, type Sql } from '@martlet/warehouse'

/** What of a row's local time rows are sorted by, so that like is compared with like. */
export type Season = 'weekday' | 'hour' | 'month'

/** Parts of the local time, and the IANA zone by whose clock they are read. */
export interface Seasons {
  readonly by: readonly Season[]
  readonly zone: string
}

const PARTS: Readonly<Record<Season, DatePart>> = { weekday: 'isoDayOfWeek', hour: 'hour', month: 'month' }
const WEEKDAYS = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays']
/** Parts of a season's number: each is below this. */
const BASE = 100
/** The part of rows without a time; hours begin at 0. */
const NO_TIME = 99
const DAY_MS = 86_400_000

/** The number of a row's season: its parts, two decimal digits each. */
export function seasonSql(leaves: Leaves, time: Sql, { by, zone }: Seasons): Sql {
  const local = leaves.toLocal(time, zone)
  const parts = by.map((season) => sql`COALESCE(${leaves.datePart(PARTS[season], local)}, ${sql.raw(String(NO_TIME))})`)
  return parts.reduce((code, part) => sql`(${code} * ${sql.raw(String(BASE))} + ${part})`)
}

/** The parts of a season's number, in the order of `by`. */
export function seasonParts(code: number, by: readonly Season[]): readonly number[] {
  return by.map((_, index) => Math.floor(code / BASE ** (by.length - 1 - index)) % BASE)
}

/** The number of the coarser season that a season belongs to. */
export function coarserSeason(code: number, by: readonly Season[], wanted: readonly Season[]): number {
  const parts = seasonParts(code, by)
  return wanted.reduce((sum, season) => sum * BASE + (parts[by.indexOf(season)] ?? 0), 0)
}

/** A season in words: `Mondays at 14 h`. */
export function seasonWords(code: number, by: readonly Season[]): string {
  const parts = seasonParts(code, by)
  if (parts.includes(NO_TIME)) return 'unknown times'
  const words = by.map((season, index) => {
    const part = parts[index] ?? 0
    if (season === 'weekday') return WEEKDAYS[part - 1] ?? String(part)
    return season === 'month' ? (MONTHS[part - 1] ?? String(part)) : `${part} h`
  })
  return words.join(', ')
}

/** How many hours of a stretch of time belong to a season; of months by the calendar, of weekdays and hours by their share. */
export function seasonHours(code: number, by: readonly Season[], from: Date, to: Date): number {
  const parts = seasonParts(code, by)
  return by.reduce(
    (hours, season, index) => {
      if (season === 'weekday') return hours / 7
      if (season === 'hour') return hours / 24
      return hours * monthShare(parts[index] ?? 0, from, to)
    },
    (to.getTime() - from.getTime()) / 3_600_000,
  )
}

function monthShare(month: number, from: Date, to: Date): number {
  let days = 0
  let inside = 0
  for (let at = from.getTime(); at < to.getTime(); at += DAY_MS) {
    days += 1
    if (new Date(at).getUTCMonth() + 1 === month) inside += 1
  }
  return days === 0 ? 0 : inside / days
}
