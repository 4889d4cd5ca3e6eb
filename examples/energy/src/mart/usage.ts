import type { ColumnBatch } from '@martlet/warehouse'
import { customersOf, type Customer } from './customers.ts'
import { MILLIS_PER_DAY, martShape, type MartOptions, type MartShape } from './options.ts'
import { profileOf } from './profile.ts'
import { randomOf } from './random.ts'
import { costOf, priceOf, type Tariff } from './tariff.ts'
import { UsageRows } from './usage-rows.ts'
import { temperatureOf } from './weather.ts'

const BATCH_ROWS = 65_536
const MILLIS_PER_MINUTE = 60_000
const MILLIS_PER_HOUR = 3_600_000
const VACATION_BLOCK_DAYS = 28
const VACATIONS_PER_BLOCK = 0.12

/**
 * The rows of mart.fact_energy_usage, day after day, in batches of bounded size.
 *
 * Every customer-day has its own random stream, so a day's rows do not depend on the number of customers and days.
 */
export function* usageBatches(options: MartOptions): Generator<ColumnBatch> {
  const shape = martShape(options)
  const customers = customersOf(shape)
  const profiles = new Map<number, { readonly weekday: Float64Array; readonly weekend: Float64Array }>()
  const rows = new UsageRows(BATCH_ROWS)
  for (let day = shape.fromDay; day < shape.days; day++) {
    const weekend = isWeekend(shape.startDay + day)
    const weather = {
      temperature: temperatureOf(shape.seed, shape.startDay + day),
      mood: Math.exp(0.03 * randomOf(shape.seed, 7, day).normal()),
    }
    for (const customer of customers) {
      if (day < customer.joins || day >= customer.leaves) continue
      let profile = profiles.get(customer.index)
      if (profile === undefined) {
        const { type, shift } = customer
        profile = {
          weekday: profileOf(type, false, shift, shape.perDay),
          weekend: profileOf(type, true, shift, shape.perDay),
        }
        profiles.set(customer.index, profile)
      }
      if (!rows.fits(2 * shape.perDay)) {
        const batch = rows.take()
        if (batch !== undefined) yield batch
      }
      addDay(rows, shape, customer, day, weekend ? profile.weekend : profile.weekday, weather)
    }
  }
  const rest = rows.take()
  if (rest !== undefined) yield rest
}

interface Weather {
  readonly temperature: number
  /** A factor on the consumption of all customers that day. */
  readonly mood: number
}

function addDay(
  rows: UsageRows,
  shape: MartShape,
  customer: Customer,
  day: number,
  profile: Float64Array,
  { temperature, mood }: Weather,
): void {
  const { seed, perDay, faults } = shape
  const random = randomOf(seed, 4, customer.index, day)
  const week = randomOf(seed, 6, customer.index, Math.floor(day / 7)).normal()
  const level = onVacation(seed, customer, day) ? 0 : mood * Math.exp(0.12 * week + 0.1 * random.normal())
  const climate =
    customer.perDegreeCold * Math.max(0, 15 - temperature) + customer.perDegreeHot * Math.max(0, temperature - 22)
  const usualDelay = (5 + Math.floor(random.next() * 45)) * MILLIS_PER_MINUTE
  // Faults have a stream of their own: the readings under them are the same whatever their rates.
  const fault = randomOf(seed, 8, customer.index, day)
  const delay = usualDelay + (fault.next() < faults.late ? Math.floor(MILLIS_PER_HOUR * (1 + fault.next() * 71)) : 0)
  const gap = fault.next() < faults.gap
  const gapFrom = gap ? Math.floor(fault.next() * perDay) : perDay
  const gapTo = gap ? gapFrom + 1 + Math.floor(fault.next() * perDay) : perDay
  const tariff = tariffOn(customer, day)
  const step = MILLIS_PER_DAY / perDay
  const midnight = (shape.startDay + day) * MILLIS_PER_DAY
  for (let i = 0; i < perDay; i++) {
    const wobble = Math.exp(customer.noise * random.normal() - customer.noise ** 2 / 2)
    if (i >= gapFrom && i < gapTo) continue
    const ts = midnight + i * step
    const drawn = Math.round(level * wobble * (customer.size * (profile[i] ?? 0) + climate / perDay) * 1000) / 1000
    const kwh = fault.next() < faults.negative && drawn > 0 ? -drawn : drawn
    const cost = costOf(kwh, priceOf(tariff, Math.floor((i * 24) / perDay)))
    const arrived = ts + step + delay
    rows.add(customer.id, ts, kwh, cost, arrived)
    if (fault.next() < faults.duplicate)
      rows.add(customer.id, ts, kwh, cost, arrived + Math.floor(fault.next() * 12 * MILLIS_PER_HOUR))
  }
}

/** The tariff that is valid on a day of the customer's membership. */
export function tariffOn(customer: Customer, day: number): Tariff {
  const held = customer.tariffs.findLast(({ fromDay }) => fromDay <= day)
  if (held === undefined) throw new RangeError(`${customer.id} is not a customer yet on day ${day}`)
  return held.tariff
}

/** Households are away for 3 to 14 days now and then, and use nothing meanwhile. */
function onVacation(seed: number, customer: Customer, day: number): boolean {
  if (customer.type === 'business') return false
  const block = Math.floor(day / VACATION_BLOCK_DAYS)
  return [block - 1, block].some((at) => {
    const random = randomOf(seed, 5, customer.index, at)
    if (random.next() >= VACATIONS_PER_BLOCK) return false
    const from = at * VACATION_BLOCK_DAYS + Math.floor(random.next() * VACATION_BLOCK_DAYS)
    return day >= from && day < from + 3 + Math.floor(random.next() * 12)
  })
}

/** 1970-01-01 was a Thursday. */
function isWeekend(epochDay: number): boolean {
  return (((epochDay + 3) % 7) + 7) % 7 >= 5
}
