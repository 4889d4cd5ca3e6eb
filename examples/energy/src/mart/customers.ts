import type { MartShape } from './options.ts'
import { randomOf } from './random.ts'
import { TARIFFS_OF, type Tariff } from './tariff.ts'

export type CustomerType = 'household' | 'business'
export type HeatingType = 'heat pump' | 'electric heating' | 'other'

/** One simulated customer. Days count from the start of the mart; nothing depends on how many customers or days there are. */
export interface Customer {
  readonly index: number
  readonly id: string
  readonly type: CustomerType
  readonly heating: HeatingType
  /** Mean kWh per day without heating. */
  readonly size: number
  /** kWh per day for each degree below 15 °C (heating) or above 22 °C (cooling). */
  readonly perDegreeCold: number
  readonly perDegreeHot: number
  /** Hours by which the daily profile is shifted. */
  readonly shift: number
  /** Relative spread of a single reading. */
  readonly noise: number
  /** Member in `[joins, leaves)`; `leaves` is infinite for those who stay. */
  readonly joins: number
  readonly leaves: number
  /** Tariffs, oldest first; the first is valid from `joins`. */
  readonly tariffs: readonly { readonly fromDay: number; readonly tariff: Tariff }[]
}

const LATE_JOINERS = 0.15
const JOINING_DAYS = 120
const LEAVING_PER_YEAR = 0.08
const TARIFF_CHANGES_PER_YEAR = 0.5
const MAX_TARIFF_CHANGES = 200

export function customersOf(shape: MartShape): readonly Customer[] {
  return Array.from({ length: shape.customers }, (_, index) => customerOf(shape, index))
}

function customerOf({ seed, businesses }: MartShape, index: number): Customer {
  const random = randomOf(seed, 1, index)
  const type: CustomerType = random.next() < businesses ? 'business' : 'household'
  const drawn = random.next()
  const heating: HeatingType = drawn < 0.2 ? 'heat pump' : drawn < 0.3 ? 'electric heating' : 'other'
  const spread = Math.exp(0.45 * random.normal())
  const size = type === 'household' ? 9 * spread : 55 * spread * spread
  const heated = { 'heat pump': 0.9, 'electric heating': 2.1, other: 0.03 }[heating]
  const joins = random.next() < LATE_JOINERS ? 1 + Math.floor(random.next() * JOINING_DAYS) : 0
  const leaves = joins + 14 + Math.floor((-Math.log(1 - random.next()) / LEAVING_PER_YEAR) * 365)
  return {
    index,
    id: `c${String(index).padStart(7, '0')}`,
    type,
    heating,
    size,
    perDegreeCold: (heated * size) / 9,
    perDegreeHot: type === 'business' ? size * 0.015 : 0,
    shift: 0.8 * random.normal(),
    noise: type === 'household' ? 0.35 : 0.12,
    joins,
    leaves,
    tariffs: tariffsOf(seed, index, type, joins, leaves),
  }
}

function tariffsOf(
  seed: number,
  index: number,
  type: CustomerType,
  joins: number,
  leaves: number,
): Customer['tariffs'] {
  const random = randomOf(seed, 2, index)
  const known = TARIFFS_OF[type]
  const choose = (except?: Tariff): Tariff => {
    const offered = known.filter((tariff) => tariff !== except)
    return offered[Math.floor(random.next() * offered.length)] ?? known[0]
  }
  const tariffs = [{ fromDay: joins, tariff: choose() }]
  for (let change = 0, day = joins; change < MAX_TARIFF_CHANGES; change++) {
    day += 7 + Math.floor((-Math.log(1 - random.next()) / TARIFF_CHANGES_PER_YEAR) * 365)
    if (day >= leaves) break
    tariffs.push({ fromDay: day, tariff: choose(tariffs.at(-1)?.tariff) })
  }
  return tariffs
}
