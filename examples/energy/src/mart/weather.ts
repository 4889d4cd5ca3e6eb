import { randomOf } from './random.ts'

const RESET_DAYS = 64
const MEMORY = 0.8

/**
 * The mean temperature of a day in °C, the same for all customers: the season of a temperate northern place and a spell of weather.
 * The spell restarts every 64 days, so that any day can be computed on its own.
 */
export function temperatureOf(seed: number, epochDay: number): number {
  const season = 10 - 9.5 * Math.cos((2 * Math.PI * (epochDay - 20)) / 365.25)
  const block = Math.floor(epochDay / RESET_DAYS)
  const random = randomOf(seed, 3, block)
  let spell = 3.5 * random.normal()
  for (let day = block * RESET_DAYS; day < epochDay; day++)
    spell = MEMORY * spell + 3.5 * Math.sqrt(1 - MEMORY * MEMORY) * random.normal()
  return season + spell
}
