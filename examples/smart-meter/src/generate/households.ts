import { randomOf, type Random } from '@martlet/example-logistics/random'
import { slotOf } from './clock.ts'
import { isFree } from './calendar.ts'
import type { Outside } from './outside.ts'
import { priceAt } from './outside.ts'

/** Where and how a household uses power. */
export interface Household {
  readonly id: string
  readonly region: string
  /** Wh of a half-hour when nobody is up. */
  readonly base: number
  readonly size: number
  readonly morning: number
  readonly evening: number
  readonly homeByDay: number
  /** Wh of a half-hour for every degree below 15 °C. */
  readonly heating: number
  /** Charges a car at night, Wh of a half-hour. */
  readonly car: number
}

export const regions = ['london', 'south', 'midlands'] as const

export function householdsOf(seed: number, count: number): readonly Household[] {
  return Array.from({ length: count }, (_, i) => {
    const random = randomOf(seed, 3, i)
    return {
      id: `M${String(i + 1).padStart(4, '0')}`,
      region: regions[Math.floor(random.next() * regions.length)] ?? 'london',
      base: 40 + 60 * random.next(),
      size: Math.exp(0.45 * random.normal()),
      morning: 13 + 4 * random.next(),
      evening: 34 + 6 * random.next(),
      homeByDay: random.next(),
      heating: random.next() < 0.3 ? 12 + 14 * random.next() : 1 + 3 * random.next(),
      car: random.next() < 0.2 ? 3200 : 0,
    }
  })
}

/** What changes from half-hour to half-hour in one household. */
export interface Habit {
  readonly random: Random
  mood: number
  away: number
  charging: number
}

export function habitOf(seed: number, household: number): Habit {
  return { random: randomOf(seed, 4, household), mood: 0, away: 0, charging: 0 }
}

/** Begins a day: whether somebody is away, and how long the car has to be charged. */
export function beginDay(habit: Habit, { car }: Household): void {
  const { random } = habit
  habit.away = habit.away > 0 ? habit.away - 1 : random.next() < 0.012 ? 2 + Math.floor(6 * random.next()) : 0
  habit.charging = car > 0 && habit.away === 0 && random.next() < 0.6 ? 3 + Math.floor(5 * random.next()) : 0
}

/** Wh of the half-hour that begins at an instant. */
export function useOf(
  home: Household,
  habit: Habit,
  at: number,
  day: number,
  outside: Outside,
  variable: boolean,
): number {
  const { random } = habit
  const slot = slotOf(at)
  const free = isFree(day)
  const bump = (around: number, width: number): number => Math.exp(-(((slot - around) / width) ** 2))
  const up = slot >= 13 && slot < 46 ? 1 : 0
  const busy =
    220 * bump(home.morning + (free ? 4 : 0), free ? 4.5 : 2.5) +
    420 * bump(home.evening, 5) +
    (free ? 170 : 120 * home.homeByDay) * up
  const cold = home.heating * Math.max(0, 15 - outside.temperature) * (up === 1 ? 1 : 0.45)
  const car = slot >= 1 && slot < 1 + habit.charging ? home.car * (0.9 + 0.1 * random.next()) : 0
  habit.mood = 0.75 * habit.mood + 0.28 * random.normal()
  const spike = random.next() < 0.03 ? 900 * random.next() : 0
  const dear = variable && priceAt(outside, at) > 28 ? 0.75 : 1
  const present = habit.away > 0 ? 0.1 : 1
  return Math.round(
    home.base * (0.9 + 0.2 * random.next()) +
      present *
        (home.size * (busy * dear * Math.exp(habit.mood) + spike * up) + cold * Math.exp(0.3 * habit.mood) + car),
  )
}
