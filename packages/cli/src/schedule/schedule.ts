import { millisOf } from '../length-of-time.ts'
import { weekdays, wordsOf, type ScheduleConfig } from '../config/schedule-config.ts'

/** On which days, and at which times of them, a schedule runs; the clock is that of the zone. */
export interface SlotClock {
  readonly zone: string
  /** Days with a slot: all, those of a weekday (Monday is 0), or a day of the month. */
  readonly days: { readonly kind: 'all' } | { readonly kind: 'weekday' | 'monthday'; readonly day: number }
  /** Minutes after midnight, in order. */
  readonly times: readonly number[]
  /** The usual length between two slots, in milliseconds. */
  readonly every: number
}

/** A schedule of the configuration with its defaults; lengths of time are in milliseconds. */
export interface Schedule {
  readonly name: string
  readonly clock: SlotClock
  readonly steps: readonly (readonly string[])[]
  readonly missed: 'once' | 'each' | 'skip'
  readonly grace: number
  readonly since: number | undefined
  readonly timeout: number
  readonly retries: number
  readonly retryAfter: number
  readonly onFailure: 'stop' | 'continue'
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

/** A schedule as the configuration says it, with defaults. */
export function scheduleOf(config: ScheduleConfig): Schedule {
  return {
    name: config.name,
    clock: clockOf(config),
    steps: config.run.map(wordsOf),
    missed: config.missed ?? 'once',
    grace: millisOf(config.grace ?? '15m'),
    since: config.since === undefined ? undefined : Date.parse(config.since),
    timeout: millisOf(config.timeout ?? '6h'),
    retries: config.retries ?? 0,
    retryAfter: millisOf(config.retryAfter ?? '30s'),
    onFailure: config.onFailure ?? 'stop',
  }
}

function clockOf({ every, at = '00:00', on, zone = 'UTC' }: ScheduleConfig): SlotClock {
  const [hour = 0, minute = 0] = at.split(':').map(Number)
  const time = hour * 60 + minute
  if (every === 'month') {
    const day = typeof on === 'number' ? on : 1
    return { zone, days: { kind: 'monthday', day }, times: [time], every: 31 * DAY_MINUTES * MINUTE_MS }
  }
  if (every === '1w') {
    const day = typeof on === 'string' ? weekdays.indexOf(on) : 0
    return { zone, days: { kind: 'weekday', day }, times: [time], every: millisOf(every) }
  }
  const step = millisOf(every) / MINUTE_MS
  const times = Array.from({ length: DAY_MINUTES / step }, (_, i) => (time % step) + i * step)
  return { zone, days: { kind: 'all' }, times: every === '1d' ? [time] : times, every: millisOf(every) }
}
