import { randomOf, type Random } from '@martlet/example-logistics/random'
import { halfHoursOf, localText, startOf } from './clock.ts'
import { beginDay, habitOf, useOf, type Habit, type Household } from './households.ts'
import type { Outside } from './outside.ts'
import type { Agreement, Meter } from './registry.ts'
import { DAY_MS, dateText, HALF_HOUR_MS, type Ledger, type World } from './world.ts'

/** Lines of JSON that arrive together. */
export interface Delivery {
  readonly name: string
  /** Milliseconds. */
  readonly arrivedAt: number
  readonly lines: readonly string[]
}

const HOUR_MS = 3_600_000

/** The files of readings of a day, one for each region, and corrections of the day before. */
export function* readingFiles(
  world: World,
  homes: readonly Household[],
  meters: readonly Meter[],
  agreements: readonly Agreement[],
  outside: readonly Outside[],
  ledger: Ledger,
): Generator<Delivery> {
  const { seed, startDay, days, faults } = world
  const habits = homes.map((_, place) => habitOf(seed, place))
  const wallClock = homes.map((_, place) => randomOf(seed, 8, place).next() < faults.wallClock)
  for (const isWall of wallClock) if (isWall) ledger.note('wallClock')
  let corrections: string[] = []
  for (let i = 0; i < days; i++) {
    const day = startDay + i
    const random = randomOf(seed, 9, i)
    const weather = outside[i]
    if (weather === undefined) continue
    const lines = new Map<string, string[]>()
    const later: string[] = []
    for (const [place, home] of homes.entries()) {
      const habit = habits[place]
      if (habit === undefined) continue
      const variable = agreements.some(
        ({ meterpoint_id, product_id, valid_from, valid_to }) =>
          meterpoint_id === home.id &&
          product_id === 'AGILE' &&
          valid_from <= dateText(day) &&
          (valid_to ?? '9') > dateText(day),
      )
      const own = meters.filter(({ meterpoint_id }) => meterpoint_id === home.id)
      const sent = { withOffset: wallClock[place] !== true, random, world, ledger }
      const file = lines.get(home.region) ?? []
      lines.set(home.region, file)
      for (const line of dayLines(home, own, habit, day, weather, variable, sent, later)) file.push(line)
    }
    const usual = startOf(day + 1) + 10 * 60_000
    for (const [region, some] of [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const late = random.next() < faults.lateFile
      if (late) ledger.note('lateFile')
      const arrivedAt = late ? usual + Math.floor(3 * HOUR_MS + 4 * DAY_MS * random.next()) : usual
      yield {
        name: `readings-${dateText(day)}-${region}.jsonl`,
        arrivedAt: arrivedAt - (arrivedAt % 1000),
        lines: some,
      }
    }
    if (corrections.length > 0)
      yield { name: `readings-${dateText(day)}-corrections.jsonl`, arrivedAt: usual + 6 * HOUR_MS, lines: corrections }
    corrections = later
  }
}

interface Sent {
  readonly withOffset: boolean
  readonly random: Random
  readonly world: World
  readonly ledger: Ledger
}

function* dayLines(
  home: Household,
  meters: readonly Meter[],
  habit: Habit,
  day: number,
  weather: Outside,
  variable: boolean,
  { withOffset, random, world: { faults }, ledger }: Sent,
  later: string[],
): Generator<string> {
  beginDay(habit, home)
  const halfHours = halfHoursOf(day)
  const hasGap = random.next() < faults.gap
  if (hasGap) ledger.note('gap')
  const gap = hasGap ? Math.floor(random.next() * (halfHours.length - 12)) : -1
  const gapEnd = hasGap ? gap + 2 + Math.floor(11 * random.next()) : -1
  const line = (serial: string, at: number, wh: number): string =>
    JSON.stringify({ meterpoint_id: home.id, serial, interval_start: localText(at, withOffset), kwh: wh / 1000 })
  for (const [place, at] of halfHours.entries()) {
    const wh = useOf(home, habit, at, day, weather, variable)
    const meter = meters.find(({ from, to }) => at >= from && at < to)
    const old = meters.find(({ to }) => at >= to && at < to + 48 * HALF_HOUR_MS)
    if (old !== undefined) yield line(old.serial, at, 0)
    if (meter === undefined || (place >= gap && place < gapEnd)) continue
    const chance = random.next()
    let edge = 0
    const happens = (fault: 'negative' | 'sentinel' | 'broken' | 'corrected' | 'duplicate'): boolean => {
      const from = edge
      edge += faults[fault]
      const hit = chance >= from && chance < edge
      if (hit) ledger.note(fault)
      return hit
    }
    if (happens('negative')) yield line(meter.serial, at, -wh - 1)
    else if (happens('sentinel')) yield line(meter.serial, at, 9_999_999)
    else if (happens('broken')) yield line(meter.serial, at, wh).slice(0, -9)
    else if (happens('corrected')) {
      yield line(meter.serial, at, 2 * wh + 5)
      later.push(line(meter.serial, at, wh))
    } else {
      yield line(meter.serial, at, wh)
      if (happens('duplicate')) yield line(meter.serial, at, wh)
    }
  }
}
