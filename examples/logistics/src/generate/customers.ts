import { DAY, HOUR, MINUTE, type WorldShape } from './options.ts'
import type { Location, Route } from './places.ts'
import { countOf, oneOf, randomOf, type Random } from './random.ts'

export const SEGMENTS = ['retail', 'industry', 'food', 'health'] as const
export const TIERS = ['basic', 'plus', 'premium'] as const

/** What the CRM says about a customer from a moment on (milliseconds since the epoch). */
export interface CustomerVersion {
  readonly from: number
  readonly loadedAt: number
  readonly tier: string
  readonly depot: Location
  readonly creditLimit: number
  readonly misspelt: boolean
}

export interface Customer {
  readonly index: number
  readonly id: string
  readonly segment: (typeof SEGMENTS)[number]
  /** Shipments per day on which it ships. */
  readonly rate: number
  /** Whether it ships on each weekday, Monday first. */
  readonly weekdays: readonly boolean[]
  /** How much more it ships at its best time of the year, and which day of the year that is. */
  readonly seasonality: number
  readonly peak: number
  readonly hour: number
  readonly loadShare: number
  readonly routes: readonly Route[]
  /** A customer in `[joins, leaves)`, in days from the start; shipments fade in the month before it leaves. */
  readonly joins: number
  readonly leaves: number
  readonly tier: number
  readonly versions: readonly CustomerVersion[]
}

const LEAVING_PER_YEAR = 0.18
const SHIPMENTS_PER_VEHICLE_DAY = 1.42

export function customersOf(
  shape: WorldShape,
  locations: readonly Location[],
  routes: readonly Route[],
): readonly Customer[] {
  const depots = locations.filter(({ kind }) => kind === 'depot')
  return Array.from({ length: shape.customers }, (_, index) => customerOf(shape, index, depots, routes))
}

function customerOf(shape: WorldShape, index: number, depots: readonly Location[], routes: readonly Route[]): Customer {
  const random = randomOf(shape.seed, 30, index)
  const segment = oneOf(random, SEGMENTS)
  const depot = oneOf(random, depots)
  const usual = (SHIPMENTS_PER_VEHICLE_DAY * shape.vehicles) / shape.customers
  const size = Math.exp(0.7 * random.normal() - 0.245)
  const tier = size > 1.4 ? 2 : size > 0.8 || random.next() < 0.2 ? 1 : 0
  const working = segment === 'food' ? 6 : 5
  const weekdays = Array.from({ length: 7 }, (_, day) => day < working && random.next() < 0.88)
  if (!weekdays.includes(true)) weekdays[1] = true
  const reachable = routes.filter(({ origin }) => origin === depot || origin.region === depot.region)
  const offered = reachable.length > 0 ? reachable : routes
  const chosen = Array.from({ length: 1 + Math.floor(random.next() * 3) }, () => oneOf(random, offered))
  const joins = random.next() < 0.85 ? -Math.floor(random.next() * 1500) : Math.floor(random.next() * shape.days * 0.7)
  const stays = Math.floor((-Math.log(1 - random.next()) / LEAVING_PER_YEAR) * 365)
  const leaves = Math.max(joins, 0) + 45 + stays
  return {
    index,
    id: `C${String(index + 1).padStart(5, '0')}`,
    segment,
    rate: (usual * size * 7) / weekdays.filter(Boolean).length,
    weekdays,
    seasonality: { retail: 0.5, industry: 0.15, food: 0.25, health: 0.05 }[segment],
    peak: { retail: 335, industry: 120, food: 190, health: 30 }[segment],
    hour: { retail: 6, industry: 8, food: 4.5, health: 10 }[segment] + 1.5 * random.normal(),
    loadShare: 0.35 + 0.5 * random.next(),
    routes: chosen,
    joins,
    leaves,
    tier,
    versions: versionsOf(shape, random, { index, joins, leaves, tier, depot, depots, size }),
  }
}

interface Facts {
  readonly index: number
  readonly joins: number
  readonly leaves: number
  readonly tier: number
  readonly depot: Location
  readonly depots: readonly Location[]
  readonly size: number
}

function versionsOf(shape: WorldShape, random: Random, facts: Facts): readonly CustomerVersion[] {
  const start = shape.startDay * DAY
  const until = Math.min(facts.leaves, shape.days)
  const begins = Math.max(0, facts.joins)
  const years = Math.max(0, until - begins) / 365
  const office = (): number => 8 * HOUR + Math.floor(random.next() * 9 * 60) * MINUTE
  let state = { tier: facts.tier, depot: facts.depot, creditLimit: Math.round(8 * facts.size) * 1000 + 2000 }
  const changes = Array.from({ length: countOf(random, 1.4 * years) }, () => begins + random.next() * (until - begins))
  const moments = changes.toSorted((a, b) => a - b).map((day) => start + Math.floor(day) * DAY + office())
  const states = [{ from: start + facts.joins * DAY, ...state }]
  for (const from of moments) {
    const what = random.next()
    if (what < 0.45) {
      const step = state.tier === 0 ? 1 : state.tier === 2 ? -1 : random.next() < 0.6 ? 1 : -1
      state = { ...state, tier: state.tier + step }
    } else if (what < 0.6) state = { ...state, depot: oneOf(random, facts.depots) }
    else state = { ...state, creditLimit: Math.round((state.creditLimit * (0.8 + 0.5 * random.next())) / 500) * 500 }
    if (from > (states.at(-1)?.from ?? 0) + DAY) states.push({ from, ...state })
  }
  const fault = randomOf(shape.seed, 31, facts.index)
  const versions: CustomerVersion[] = []
  for (const [i, { from, tier, depot, creditLimit }] of states.entries()) {
    const spelt = TIERS[tier] ?? 'basic'
    const misspelt = fault.next() < shape.faults.misspeltTier
    const corrected = from + Math.floor((3 + 27 * fault.next()) * 24) * HOUR
    const wrong = misspellings[spelt][Math.floor(fault.next() * 3)] ?? spelt
    const corrects = fault.next() < 0.5
    const common = { depot, creditLimit }
    versions.push({ from, loadedAt: arrival(start, from), tier: misspelt ? wrong : spelt, misspelt, ...common })
    if (misspelt && corrects && corrected > start && corrected < (states[i + 1]?.from ?? Infinity))
      versions.push({ from: corrected, loadedAt: arrival(start, corrected), tier: spelt, misspelt: false, ...common })
  }
  return versions
}

const misspellings = {
  basic: ['Basic', 'bsic', 'base'],
  plus: ['PLUS', 'pluss', 'plus '],
  premium: ['Premium', 'premuim', 'gold'],
} as const

/** The CRM hands over every night what changed before it; what is older than the world, when it begins. */
function arrival(start: number, at: number): number {
  return at < start ? start + 30 * MINUTE : (Math.floor(at / DAY) + 1) * DAY + 90 * MINUTE
}

/** How many shipments a customer is expected to order on a day of the world. */
export function demandOf(customer: Customer, day: number, epochDay: number, weekday: number): number {
  if (day < customer.joins || day >= customer.leaves || customer.weekdays[weekday - 1] !== true) return 0
  const fading = Math.min(1, (customer.leaves - day) / 40)
  const season = 1 + customer.seasonality * Math.cos((2 * Math.PI * (epochDay - customer.peak)) / 365.25)
  return customer.rate * fading * season
}
