import { zoneOffset } from '@martlet/feature-store'
import { weekdays } from '../../config/schedule-config.ts'
import type { SlotClock } from '../schedule.ts'

const DAY_MS = 86_400_000
const DAY_MINUTES = 1440
const LAST_DAY = 28

/**
 * Cron times in UTC at which all slots of the following year come, whatever the zone's clock does: of a zone that
 * changes its clocks, those of both offsets. At the time that is not a slot, `run-due` finds nothing due.
 */
export function utcCronTimes(clock: SlotClock, now: number): readonly string[] {
  const byDays = new Map<string, Set<number>>()
  for (const offset of offsetsOf(clock.zone, now)) {
    for (const time of clock.times) {
      const minute = time - offset
      const days = daysOf(clock, Math.floor(minute / DAY_MINUTES))
      const minutes = byDays.get(days) ?? new Set()
      byDays.set(days, minutes.add(((minute % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES))
    }
  }
  return [...byDays].flatMap(([days, minutes]) => clockFields(minutes).map((fields) => `${fields} ${days}`))
}

/** Cron times on the zone's own clock, for schedulers that know zones. */
export function zonedCronTimes(clock: SlotClock): readonly string[] {
  return clockFields(new Set(clock.times)).map((fields) => `${fields} ${daysOf(clock, 0)}`)
}

/** Offsets from UTC, in minutes. */
function offsetsOf(zone: string, now: number): ReadonlySet<number> {
  return new Set(Array.from({ length: 400 }, (_, day) => zoneOffset(zone, now + day * DAY_MS) / 60_000))
}

/** The fields of minute and hour; minutes with the same hours share a line. */
function clockFields(minutes: ReadonlySet<number>): readonly string[] {
  const hoursOf = new Map<number, Set<number>>()
  for (const minute of minutes) {
    const hours = hoursOf.get(minute % 60) ?? new Set()
    hoursOf.set(minute % 60, hours.add(Math.floor(minute / 60)))
  }
  const minutesOf = new Map<string, number[]>()
  for (const [minute, hours] of [...hoursOf].toSorted(([a], [b]) => a - b)) {
    const field = hours.size === 24 ? '*' : listed(hours)
    minutesOf.set(field, [...(minutesOf.get(field) ?? []), minute])
  }
  return [...minutesOf].map(([hours, at]) => `${listed(at)} ${hours}`)
}

/** The fields of day, month and weekday, where UTC is so many days ahead of the zone's date. */
function daysOf({ days }: SlotClock, ahead: number): string {
  if (days.kind === 'all') return '* * *'
  if (days.kind === 'weekday') return `* * ${(days.day + 1 + ahead + 7) % weekdays.length}`
  const day = days.day + ahead
  // The day before the first is one of four; the day after the 28th one of two.
  if (day < 1) return `${LAST_DAY}-31 * *`
  return day > LAST_DAY ? '1,29 * *' : `${day} * *`
}

function listed(numbers: Iterable<number>): string {
  return [...numbers].toSorted((a, b) => a - b).join(',')
}
