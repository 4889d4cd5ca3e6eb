import process from 'node:process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueSlots } from '../../src/schedule/due-slots.ts'
import { filled, unknownPlaceholders } from '../../src/schedule/placeholders.ts'
import { weekdays, type ScheduleConfig } from '../../src/config/schedule-config.ts'
import { scheduleOf, type SlotClock } from '../../src/schedule/schedule.ts'
import { newestSlot, nextSlot, slotsBetween } from '../../src/schedule/slots.ts'
import { localMinutes } from './local-minutes.ts'

const runs = (count: number): number => Math.max(1, Math.round(count * Number(process.env['MARTLET_RUNS'] ?? 1)))

const DAY = 86_400_000
const MINUTE = 60_000

/** Instants near which clocks change in an odd way, and one of an ordinary day. */
const places: readonly (readonly [zone: string, near: string])[] = [
  ['UTC', '2026-02-28T12:00:00Z'],
  ['Europe/Zurich', '2026-03-29T01:00:00Z'],
  ['Europe/Zurich', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  // Half an hour.
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  // Midnight is skipped, and shown twice.
  ['America/Havana', '2026-03-08T05:00:00Z'],
  ['America/Havana', '2026-11-01T05:00:00Z'],
  ['America/Santiago', '2026-04-05T03:00:00Z'],
  // A whole day is skipped.
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Asia/Kathmandu', '2026-06-30T12:00:00Z'],
]

const intervals: readonly ScheduleConfig['every'][] = [
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '12h',
  '1d',
  '1w',
  'month',
]

const timeText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const clocks = fc
  .record({
    place: fc.constantFrom(...places),
    every: fc.constantFrom(...intervals),
    minute: fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.constantFrom(0, 30, 60, 120, 150, 180, 1410)),
    weekday: fc.constantFrom(...weekdays),
    day: fc.integer({ min: 1, max: 28 }),
  })
  .map(({ place: [zone, near], every, minute, weekday, day }) => {
    const on = every === '1w' ? { on: weekday } : every === 'month' ? { on: day } : {}
    const config: ScheduleConfig = { name: 's', every, at: timeText(minute), zone, run: ['drift'], ...on }
    return { config, clock: scheduleOf(config).clock, near: Date.parse(near) }
  })

/** The slots in `(after, until]`, minute by minute. */
function slowSlots(clock: SlotClock, after: number, until: number): readonly number[] {
  const minutes = localMinutes(clock.zone, after - 2 * DAY, until + DAY)
  const days = new Set(minutes.map(({ reading }) => Math.floor(reading / DAY)))
  const wanted = [...days].filter((day) => {
    const date = new Date(day * DAY)
    if (clock.days.kind === 'all') return true
    return clock.days.kind === 'weekday'
      ? (date.getUTCDay() + 6) % 7 === clock.days.day
      : date.getUTCDate() === clock.days.day
  })
  const slots: number[] = []
  let highest = minutes[0]?.reading ?? 0
  for (const { at, reading } of minutes.slice(1)) {
    const minute = (reading % DAY) / MINUTE
    const isSlot =
      clock.times.length > 1
        ? clock.times.includes(minute)
        : wanted.some((day) => {
            const target = day * DAY + (clock.times[0] ?? 0) * MINUTE
            return highest < target && target <= reading
          })
    highest = Math.max(highest, reading)
    if (isSlot && at > after && at <= until) slots.push(at)
  }
  return slots
}

describe('slots', () => {
  it('are those that a scan of every minute finds, also where clocks change', () => {
    fc.assert(
      fc.property(
        clocks,
        fc.integer({ min: -2 * 1440, max: 1440 }),
        fc.integer({ min: 1, max: 1500 }),
        (given, from, length) => {
          const { clock, near } = given
          const after = near + from * MINUTE
          const until = after + length * MINUTE
          expect(slotsBetween(clock, after, until)).toEqual(slowSlots(clock, after, until))
        },
      ),
      { numRuns: runs(60) },
    )
  })

  it('the newest and the next are the neighbours of an instant', () => {
    fc.assert(
      fc.property(clocks, fc.integer({ min: -2 * 1440, max: 1440 }), ({ clock, near }, minutes) => {
        const at = near + minutes * MINUTE
        const [newest, next] = [newestSlot(clock, at), nextSlot(clock, at)]
        expect(newest <= at && at < next).toBe(true)
        expect(slotsBetween(clock, newest - 1, next)).toEqual([newest, next])
      }),
      { numRuns: runs(60) },
    )
  })

  it.each([
    ['Europe/Zurich', '02:30', '2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
    ['Europe/Zurich', '02:30', '2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['America/Havana', '00:15', '2026-03-07T05:15:00Z', '2026-03-08T05:00:00Z', '2026-03-09T04:15:00Z'],
  ])('of %s at %s', (zone, at, ...expected) => {
    const { clock } = scheduleOf({ name: 's', every: '1d', at, zone, run: ['drift'] })
    const [first, , last] = expected
    const slots = slotsBetween(clock, Date.parse(first) - 1, Date.parse(last))
    expect(slots.map((slot) => new Date(slot).toISOString().replace('.000Z', 'Z'))).toEqual(expected)
  })
})

describe('what is due', () => {
  it('is what a list of everything that ever ran says, for every policy', () => {
    fc.assert(
      fc.property(
        clocks,
        fc.constantFrom('once' as const, 'each' as const, 'skip' as const),
        fc.option(fc.integer({ min: -1440, max: 1440 }), { nil: undefined }),
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 8 }),
        ({ config, clock, near }, missed, since, pauses) => {
          const begin = near - DAY
          const first = since === undefined ? undefined : near + since * MINUTE
          const schedule = scheduleOf({
            ...config,
            missed,
            ...(first === undefined ? {} : { since: new Date(first).toISOString() }),
          })
          const all = slotsBetween(clock, begin - 40 * DAY, begin + 8 * 1000 * MINUTE)
          const ran: number[] = []
          let now = begin
          for (const pause of pauses) {
            now += pause * MINUTE
            const come = all.filter((slot) => slot <= now)
            const fresh =
              ran.length > 0
                ? come.filter((slot) => slot > Math.max(...ran) && slot >= (first ?? 0))
                : first === undefined
                  ? come.slice(-1)
                  : come.filter((slot) => slot >= first)
            const wanted =
              missed === 'each'
                ? fresh
                : fresh.slice(-1).filter((slot) => missed === 'once' || now - slot <= 15 * MINUTE)
            const due = dueSlots(schedule, ran.length === 0 ? undefined : Math.max(...ran), now)
            expect(due.map(({ slot }) => slot)).toEqual(wanted)
            expect(due.reduce((sum, { passed }) => sum + passed + 1, 0)).toBe(wanted.length === 0 ? 0 : fresh.length)
            ran.push(...wanted)
          }
        },
      ),
      { numRuns: runs(40) },
    )
  })

  it('each slot runs once however often it is asked', () => {
    const schedule = scheduleOf({ name: 's', every: '1h', run: ['drift'], missed: 'each', since: '2026-06-01' })
    const at = Date.parse('2026-06-01T05:30:00Z')
    const due = dueSlots(schedule, undefined, at)
    expect(due).toHaveLength(6)
    expect(dueSlots(schedule, due.at(-1)?.slot, at)).toEqual([])
  })
})

describe('placeholders', () => {
  const slot = Date.parse('2026-03-29T22:30:00Z')

  it.each([
    ['{due}', '2026-03-29T22:30:00Z'],
    ['{due-1h}', '2026-03-29T21:30:00Z'],
    ['{due-90m}', '2026-03-29T21:00:00Z'],
    // Days are those of the clock, which lost an hour.
    ['{due-1d}', '2026-03-28T23:30:00Z'],
    ['{day}', '2026-03-29T22:00:00Z'],
    ['{day-1d}', '2026-03-28T23:00:00Z'],
    ['{day+6h}', '2026-03-30T04:00:00Z'],
    ['{date}', '2026-03-30'],
    ['{date-1w}', '2026-03-23'],
    ['scores/{date}.parquet', 'scores/2026-03-30.parquet'],
    ['[{"site":7}]', '[{"site":7}]'],
  ])('%s is %s', (text, expected) => {
    expect(filled([text], slot, 'Europe/Zurich')).toEqual([expected])
    expect(unknownPlaceholders([text])).toEqual([])
  })

  it('others are found', () => {
    expect(unknownPlaceholders(['{today}', '--to', '{date-3h}', '{due -1d}'])).toEqual([
      '{today}',
      '{date-3h}',
      '{due -1d}',
    ])
  })
})
