import { randomOf, type Random } from '@martlet/example-logistics/random'
import { slotOf } from './clock.ts'
import { dateText, type World } from './world.ts'

/** What a day is like outside, and what was known of it the evening before. */
export interface Outside {
  /** Mean temperature, °C. */
  readonly temperature: number
  readonly forecast: number
  /** Pence per kWh of the variable tariff, by half-hour of the clock. */
  readonly prices: readonly number[]
}

/** The days of a world, and the one behind it, which is known ahead. */
export function outsideOf({ seed, startDay, days }: World): readonly Outside[] {
  const random = randomOf(seed, 2)
  let anomaly = 0
  return Array.from({ length: days + 1 }, (_, i) => {
    anomaly = 0.8 * anomaly + 1.6 * random.normal()
    // Coldest at the end of January.
    const season = 10.5 - 6.5 * Math.cos((2 * Math.PI * (dayOfYear(startDay + i) - 25)) / 365)
    const temperature = season + anomaly
    return { temperature, forecast: temperature + 0.8 * random.normal(), prices: pricesOf(temperature, random) }
  })
}

function dayOfYear(day: number): number {
  return day - Date.parse(`${dateText(day).slice(0, 4)}-01-01`) / 86_400_000
}

function pricesOf(temperature: number, random: Random): readonly number[] {
  const level = 18 - 0.4 * (temperature - 8) + 3 * random.normal()
  return Array.from({ length: 48 }, (_, slot) => {
    const peak = slot >= 32 && slot < 38 ? 16 : 0
    const night = slot >= 1 && slot < 10 ? -7 : 0
    return Math.round(100 * Math.max(0, level + peak + night + 1.5 * random.normal())) / 100
  })
}

export function priceAt({ prices }: Outside, at: number): number {
  return prices[slotOf(at)] ?? 0
}
