import { MartletError } from '@martlet/warehouse'
import type { Micros } from '../feature-plan.ts'
import type { GridPlan } from '../view-plan.ts'

const DAY = 86_400_000_000n
const DAY_MS = 86_400_000

/**
 * All feature times T of a grid with `from <= T < to`, in microseconds since the epoch.
 *
 * Without a zone, T are multiples of `every` from the epoch. With one, days begin at local midnight (or at the first
 * instant of the local day where midnight does not exist); a grid finer than a day restarts at each local day. A day
 * that a clock skips has no instant, and one that begins twice, because clocks go back just after midnight, begins
 * with its first midnight.
 */
export function gridInstants(grid: GridPlan, from: bigint, to: bigint): bigint[] {
  const instants: bigint[] = []
  const every = BigInt(grid.every)
  if (grid.zone === 'UTC') {
    for (let t = ceilDivide(from, every) * every; t < to; t += every) instants.push(t)
    return instants
  }
  const step = every >= DAY ? every / DAY : 1n
  const firstDay = localDay(grid.zone, from) - 1n
  for (let day = firstDay - modulo(firstDay, step); ; day += step) {
    const start = dayStart(grid.zone, day)
    if (start >= to) return instants
    const next = dayStart(grid.zone, day + 1n)
    const end = every < DAY ? next : step === 1n && next === start ? start : start + 1n
    for (let t = start; t < end && t < to; t += every) if (t >= from) instants.push(t)
  }
}

/** The greatest feature time T with `T + delay <= t`: the row that online would have served at t. */
export function servedFeatureTime(grid: GridPlan, delay: Micros, t: bigint): bigint {
  const reach = t - BigInt(delay)
  const every = BigInt(grid.every)
  if (grid.zone === 'UTC') return floorDivide(reach, every) * every
  let day = localDay(grid.zone, reach) + 1n
  while (dayStart(grid.zone, day) > reach) day -= 1n
  if (every >= DAY) return dayStart(grid.zone, day - modulo(day, every / DAY))
  const start = dayStart(grid.zone, day)
  return start + floorDivide(reach - start, every) * every
}

/** The newest feature time before a watermark: what "complete before" means in rows. */
export function newestInstantBefore(grid: GridPlan, watermark: bigint): bigint {
  return servedFeatureTime(grid, 0, watermark - 1n)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Local wall-clock time minus UTC, in milliseconds, at an instant in milliseconds. */
export function offsetAt(zone: string, ms: number): number {
  let format = formats.get(zone)
  if (format === undefined) {
    try {
      format = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
    } catch (cause) {
      throw new MartletError(
        'UNKNOWN_ZONE',
        `${zone} is not a time zone that this machine knows. Use an IANA name such as Europe/Zurich.`,
        { data: { zone }, cause },
      )
    }
    formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0)
  // Date.UTC takes the years 0 to 99 for those of the 20th century, and a local day of the year 1 may still be one of 1
  // BC.
  const year = parts.get('era')?.startsWith('B') === true ? 1 - part('year') : part('year')
  const local =
    new Date(0).setUTCFullYear(year, part('month') - 1, part('day')) +
    ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000
  return local - Math.floor(ms / 1000) * 1000
}

/** The date that a zone's clock shows, in days since the epoch. */
export function localDay(zone: string, t: bigint): bigint {
  const ms = Number(floorDivide(t, 1000n))
  return BigInt(Math.floor((ms + offsetAt(zone, ms)) / DAY_MS))
}

const dayStarts = new Map<string, bigint>()

/**
 * The first instant whose local date is `day` (days since the epoch) or later. Equal for two days when the clock
 * skips the first of them.
 */
export function dayStart(zone: string, day: bigint): bigint {
  if (zone === 'UTC') return day * DAY
  const name = `${zone} ${day}`
  const known = dayStarts.get(name)
  if (known !== undefined) return known
  const midnight = Number(day) * DAY_MS
  const before = offsetAt(zone, midnight - DAY_MS)
  const after = offsetAt(zone, midnight + DAY_MS)
  let start = midnight - before
  if (after !== before) {
    const change = changeOf(zone, midnight - DAY_MS, midnight + DAY_MS, before)
    if (start >= change) start = Math.max(change, midnight - after)
  }
  const micros = BigInt(start) * 1000n
  if (dayStarts.size > 100_000) dayStarts.clear()
  dayStarts.set(name, micros)
  return micros
}

/** The first millisecond in `(low, high]` at which the offset is no longer `before`. */
function changeOf(zone: string, low: number, high: number, before: number): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient
}

export function ceilDivide(a: bigint, b: bigint): bigint {
  return -floorDivide(-a, b)
}

function modulo(a: bigint, b: bigint): bigint {
  return a - floorDivide(a, b) * b
}
