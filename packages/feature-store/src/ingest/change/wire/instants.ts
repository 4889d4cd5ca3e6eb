import { wrong, type Meaning } from './meaning.ts'

const DAY = 86_400_000_000n
/** The years 1 to 9999, which are those that a warehouse's times are read in: microseconds, the second not included. */
const OLDEST = -62_135_596_800_000_000n
const NEWEST = 253_402_300_800_000_000n

/** What PostgreSQL's driver says for ±infinity, in whatever unit, and what Debezium says in nanoseconds. */
const INFINITE: ReadonlyMap<bigint, 1 | -1> = new Map([
  [9_223_372_036_825_200_000n, 1],
  [9_223_372_036_825_200n, 1],
  [9_223_372_036_854_775_807n, 1],
  [-9_223_372_036_832_400_000n, -1],
  [-9_223_372_036_832_400n, -1],
  [-9_223_372_036_854_775_808n, -1],
])

/** The same for dates: the greatest days, and those that the driver's overflow makes of them. */
const INFINITE_DAYS: ReadonlyMap<bigint, 1 | -1> = new Map([
  [2_147_483_647n, 1],
  [-2_147_472_692n, 1],
  [-2_147_483_648n, -1],
  [-2_147_472_691n, -1],
])

/** An instant of so many units of `perSecond`. What is finer than a microsecond is cut off. */
export function instantOf(units: bigint, perSecond: 1_000n | 1_000_000n | 1_000_000_000n): Meaning {
  const sign = INFINITE.get(units)
  if (sign !== undefined) return { is: 'infinite', sign }
  return inTime(perSecond === 1_000_000_000n ? floorDivide(units, 1_000n) : units * (1_000_000n / perSecond))
}

function inTime(micros: bigint): Meaning {
  if (micros < OLDEST || micros >= NEWEST) return wrong('an instant of the years 1 to 9999')
  return { is: 'instant', micros }
}

export function dateOf(days: bigint): Meaning {
  const sign = INFINITE_DAYS.get(days)
  if (sign !== undefined) return { is: 'infinite', sign }
  const micros = days * DAY
  if (micros < OLDEST || micros >= NEWEST) return wrong('a date of the years 1 to 9999')
  return { is: 'date', days }
}

export function timeOf(units: bigint, perSecond: 1_000n | 1_000_000n | 1_000_000_000n): Meaning {
  const micros = perSecond === 1_000_000_000n ? floorDivide(units, 1_000n) : units * (1_000_000n / perSecond)
  return micros >= 0n && micros <= DAY ? { is: 'time', micros } : wrong('a time of day')
}

const INSTANT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?$/
const ISO_DATE = /^(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d(?::?\d\d)?)?$/
const TIME = /^(\d\d):(\d\d)(?::(\d\d))?(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** ±infinity as text: of PostgreSQL, and of the dates that its driver has for it. */
function infiniteText(text: string): 1 | -1 | undefined {
  if (text === 'infinity' || text === '+infinity' || /^\+(292278994|999999999)-/.test(text)) return 1
  if (text === '-infinity' || /^-(292269055|292275055|999999999|5877641|5877611)-/.test(text)) return -1
  return undefined
}

/** An instant as ISO text; without an offset it is UTC. */
export function instantOfText(text: string): Meaning {
  const sign = infiniteText(text)
  if (sign !== undefined) return { is: 'infinite', sign }
  const parts = INSTANT.exec(text)
  if (parts === null) return wrong('an instant such as 2026-01-31T09:30:00Z')
  const [, day = '', clock = '', fraction = '', offset = 'Z'] = parts
  const seconds = clock.length === 5 ? `${clock}:00` : clock
  const milliseconds = existing(`${day}T${seconds}`)
  if (milliseconds === undefined) return wrong('an instant that exists')
  const micros = BigInt(milliseconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'))
  return inTime(micros - offsetOf(offset))
}

export function dateOfText(text: string): Meaning {
  const sign = text === '-5877611-06-21' ? 1 : infiniteText(text)
  if (sign !== undefined) return { is: 'infinite', sign }
  const day = ISO_DATE.exec(text)?.[1]
  const milliseconds = day === undefined ? undefined : existing(`${day}T00:00:00`)
  if (milliseconds === undefined) return wrong('a date such as 2026-01-31')
  return dateOf(BigInt(milliseconds / 86_400_000))
}

/** A time of day as ISO text; with an offset, the same time in UTC. */
export function timeOfText(text: string): Meaning {
  const parts = TIME.exec(text)
  if (parts === null) return wrong('a time such as 09:30:00')
  const [, hours = '0', minutes = '0', seconds = '0', fraction = '', offset = 'Z'] = parts
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 59) return wrong('a time such as 09:30:00')
  const clock = (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)) * 1_000_000n
  const micros = clock + BigInt(fraction.slice(0, 6).padEnd(6, '0')) - offsetOf(offset)
  if (offset !== 'Z') return { is: 'time', micros: ((micros % DAY) + DAY) % DAY }
  return micros > DAY ? wrong('a time such as 09:30:00') : { is: 'time', micros }
}

/** A time of day as text, such as `09:30:00` or `09:30:00.25`. */
export function timeText(micros: bigint): string {
  const two = (value: bigint): string => String(value).padStart(2, '0')
  const seconds = micros / 1_000_000n
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map(two).join(':')
  return fraction === '' ? clock : `${clock}.${fraction}`
}

export function dateText(days: bigint): string {
  return new Date(Number(days) * 86_400_000).toISOString().slice(0, 10)
}

/** An instant as text, such as `2026-01-31T09:30:00Z`, with decimals where it has some. */
export function instantText(micros: bigint): string {
  const days = floorDivide(micros, DAY)
  return `${dateText(days)}T${timeText(micros - days * DAY)}Z`
}

/** Microseconds that a clock with this offset is ahead of UTC. */
function offsetOf(text: string): bigint {
  if (text === 'Z') return 0n
  const digits = text.slice(1).replace(':', '').padEnd(4, '0')
  const minutes = BigInt(digits.slice(0, 2)) * 60n + BigInt(digits.slice(2))
  return minutes * 60_000_000n * (text.startsWith('-') ? -1n : 1n)
}

/** `Date.parse` rolls 2026-02-30 over to another day: what it read must print as what was given. */
function existing(text: string): number | undefined {
  const milliseconds = Date.parse(`${text}Z`)
  return Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(text) ? undefined : milliseconds
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}
