import { holidayOf, summerness, weekdayOf } from './calendar.ts'
import { REGIONS } from './places.ts'
import type { WorldShape } from './options.ts'
import { randomOf } from './random.ts'

export const CONDITIONS = ['dry', 'rain', 'snow', 'storm'] as const

/** Weather every three hours and traffic every hour; the value of a region at step i stands at `region * steps + i`. */
export interface Climate {
  readonly weatherSteps: number
  readonly trafficSteps: number
  readonly temperature: Float64Array
  readonly rain: Float64Array
  readonly wind: Float64Array
  /** Index into CONDITIONS. */
  readonly condition: Uint8Array
  readonly congestion: Float64Array
  readonly roadworks: Uint8Array
}

export const WEATHER_HOURS = 3

/** The share of travel time that an ordinary working day loses in each hour (UTC). */
const rush = [
  0.03, 0.02, 0.02, 0.03, 0.06, 0.14, 0.28, 0.38, 0.34, 0.24, 0.18, 0.17, 0.18, 0.19, 0.22, 0.31, 0.38, 0.36, 0.25,
  0.16, 0.11, 0.08, 0.06, 0.04,
]

// By region.
const warmth = [-1, -0.5, 1.5, 0.5]
const crowding = [0.9, 0.95, 1.05, 1.2]
// By condition.
const slowness = [1, 1.2, 1.55, 1.4]

export function climateOf(shape: WorldShape): Climate {
  const weatherSteps = (shape.days * 24) / WEATHER_HOURS
  const trafficSteps = shape.days * 24
  const climate = {
    weatherSteps,
    trafficSteps,
    temperature: new Float64Array(REGIONS.length * weatherSteps),
    rain: new Float64Array(REGIONS.length * weatherSteps),
    wind: new Float64Array(REGIONS.length * weatherSteps),
    condition: new Uint8Array(REGIONS.length * weatherSteps),
    congestion: new Float64Array(REGIONS.length * trafficSteps),
    roadworks: new Uint8Array(REGIONS.length * trafficSteps),
  }
  for (let region = 0; region < REGIONS.length; region++) {
    addWeather(shape, climate, region)
    addTraffic(shape, climate, region)
  }
  return climate
}

function addWeather({ seed, startDay }: WorldShape, climate: Climate, region: number): void {
  const random = randomOf(seed, 20, region)
  let spell = 3.5 * random.normal()
  let wetness = random.normal()
  let breeze = random.normal()
  for (let i = 0; i < climate.weatherSteps; i++) {
    const hour = (i * WEATHER_HOURS) % 24
    const day = startDay + Math.floor((i * WEATHER_HOURS) / 24)
    spell = 0.97 * spell + 0.85 * random.normal()
    wetness = 0.93 * wetness + 0.37 * random.normal()
    breeze = 0.9 * breeze + 0.43 * random.normal()
    const daily = 4 * Math.cos((2 * Math.PI * (hour - 14)) / 24)
    const temperature = (warmth[region] ?? 0) + 19.5 * summerness(day) + spell + daily
    const rain = wetness > 0.85 ? 1.5 * (wetness - 0.85) * (1 + 2 * random.next()) * 3 : 0
    const wind = 16 * Math.exp(0.55 * breeze)
    const at = region * climate.weatherSteps + i
    // Adding 0 makes 0 of -0.
    climate.temperature[at] = Math.round(temperature * 10) / 10 + 0
    climate.rain[at] = Math.round(rain * 10) / 10
    climate.wind[at] = Math.round(wind)
    climate.condition[at] = wind > 62 ? 3 : rain > 0.1 ? (temperature < 0.8 ? 2 : 1) : 0
  }
}

function addTraffic({ seed, startDay }: WorldShape, climate: Climate, region: number): void {
  const random = randomOf(seed, 21, region)
  let mood = random.normal()
  let roadworks = 1
  for (let i = 0; i < climate.trafficSteps; i++) {
    const hour = i % 24
    const day = startDay + Math.floor(i / 24)
    const weekday = weekdayOf(day)
    if (hour === 3 && random.next() < 0.12)
      roadworks = Math.max(0, Math.min(5, roadworks + (random.next() < 0.5 ? 1 : -1)))
    mood = 0.92 * mood + 0.39 * random.normal()
    const quiet = weekday === 7 || holidayOf(day) !== null ? 0.35 : weekday === 6 ? 0.55 : weekday === 5 ? 1.12 : 1
    const weather = climate.condition[region * climate.weatherSteps + Math.floor(i / WEATHER_HOURS)]
    const wet = slowness[weather ?? 0] ?? 1
    const usual = (rush[hour] ?? 0) * quiet * wet * (crowding[region] ?? 1)
    const congestion = usual * (1 + 0.07 * roadworks) * Math.exp(0.28 * mood)
    const at = region * climate.trafficSteps + i
    climate.congestion[at] = Math.round(Math.min(0.95, congestion) * 1000) / 1000
    climate.roadworks[at] = roadworks
  }
}

/** The weather of a region in an hour counted from the start of the world; the last known one after its end. */
export function weatherAt(climate: Climate, region: number, hour: number): number {
  return region * climate.weatherSteps + Math.min(climate.weatherSteps - 1, Math.floor(hour / WEATHER_HOURS))
}

export function congestionAt(climate: Climate, region: number, hour: number): number {
  return climate.congestion[region * climate.trafficSteps + Math.min(climate.trafficSteps - 1, hour)] ?? 0
}
