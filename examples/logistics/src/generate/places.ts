import { DAY, MINUTE, type WorldShape } from './options.ts'
import { oneOf, randomOf } from './random.ts'

export const REGIONS = ['north', 'east', 'south', 'west'] as const

export interface Location {
  readonly index: number
  readonly id: string
  readonly kind: 'depot' | 'hub' | 'customer'
  readonly region: number
  readonly latitude: number
  readonly longitude: number
  /** Minutes that unloading here takes beyond the plan. */
  readonly unloading: number
}

/** What was planned for a route from a moment on. */
export interface RoutePlan {
  /** Milliseconds since the epoch: when the plan holds from, and when it was announced. */
  readonly from: number
  readonly announced: number
  readonly distanceKm: number
  readonly plannedMinutes: number
}

export interface Route {
  readonly index: number
  readonly id: string
  readonly origin: Location
  readonly destination: Location
  /** How long the road takes beyond what its first plan says, as a factor. */
  readonly bias: number
  readonly plans: readonly [RoutePlan, ...RoutePlan[]]
}

const centres = [
  { latitude: 53.4, longitude: 10 },
  { latitude: 51.6, longitude: 13.2 },
  { latitude: 48.6, longitude: 11.2 },
  { latitude: 51.1, longitude: 7.2 },
] as const

export function locationsOf({ seed, locations }: WorldShape): readonly Location[] {
  const depots = Math.max(REGIONS.length, Math.round(locations / 8))
  const hubs = Math.max(REGIONS.length, Math.round(locations / 15))
  return Array.from({ length: locations }, (_, index) => {
    const random = randomOf(seed, 10, index)
    const region = index % REGIONS.length
    const centre = centres[region] ?? centres[0]
    const kind = index < depots ? 'depot' : index < depots + hubs ? 'hub' : 'customer'
    const spread = kind === 'customer' ? 0.36 : 0.2
    return {
      index,
      id: `L${String(index + 1).padStart(4, '0')}`,
      kind,
      region,
      latitude: round(centre.latitude + spread * random.normal() * 0.8, 4),
      longitude: round(centre.longitude + spread * random.normal() * 1.2, 4),
      unloading: kind === 'customer' ? round(-8 + 14 * -Math.log(1 - random.next()), 1) : 0,
    }
  })
}

/** Every place of customers from its nearest depot, from a further one and, for most, from a hub; depots to hubs elsewhere. */
export function routesOf(shape: WorldShape, locations: readonly Location[]): readonly Route[] {
  const depots = locations.filter(({ kind }) => kind === 'depot')
  const hubs = locations.filter(({ kind }) => kind === 'hub')
  const pairs: [Location, Location][] = []
  for (const place of locations) {
    const random = randomOf(shape.seed, 11, place.index)
    if (place.kind === 'customer') {
      const near = depots.toSorted((a, b) => kilometres(a, place) - kilometres(b, place))
      const [nearest, ...further] = near
      if (nearest !== undefined) pairs.push([nearest, place])
      const reach = random.next() < 0.3 ? 3 : 1
      if (further.length > 0) pairs.push([oneOf(random, further.slice(0, reach)), place])
      const ownHubs = hubs.filter(({ region }) => region === place.region)
      if (random.next() < 0.7 && ownHubs.length > 0) pairs.push([oneOf(random, ownHubs), place])
    }
    if (place.kind === 'depot') {
      const others = hubs.filter(({ region }) => region !== place.region)
      const nearest = others.toSorted((a, b) => kilometres(a, place) - kilometres(b, place)).slice(0, 1)
      for (const hub of nearest) pairs.push([place, hub])
    }
  }
  return pairs.map(([origin, destination], index) => routeOf(shape, index, origin, destination))
}

function routeOf({ seed, startDay, days }: WorldShape, index: number, origin: Location, destination: Location): Route {
  const random = randomOf(seed, 12, index)
  const distanceKm = round(5 + 1.28 * kilometres(origin, destination), 1)
  const bias = Math.exp(0.09 * random.normal())
  const start = startDay * DAY
  const plannedMinutes = plannedFor(distanceKm)
  const first = { from: start - 400 * DAY, announced: start - 400 * DAY, distanceKm, plannedMinutes }
  const plans: [RoutePlan, ...RoutePlan[]] = [first]
  if (random.next() < (0.25 * days) / 365) {
    const from = start + Math.floor(random.next() * days) * DAY
    const longer = round(distanceKm * (1 + 0.06 * random.normal() ** 2), 1)
    const replanned = Math.round(plannedFor(longer) * (0.4 + 0.6 * bias))
    plans.push({ from, announced: from - 5 * DAY + 9 * 60 * MINUTE, distanceKm: longer, plannedMinutes: replanned })
  }
  return { index, id: `R${String(index + 1).padStart(4, '0')}`, origin, destination, bias, plans }
}

/** The plan that holds at a time (milliseconds since the epoch). */
export function planAt({ plans }: Route, at: number): RoutePlan {
  return plans.findLast(({ from }) => from <= at) ?? plans[0]
}

function plannedFor(distanceKm: number): number {
  return Math.round((distanceKm / Math.min(72, 42 + distanceKm / 6)) * 60 + 15)
}

/** As the crow flies. */
function kilometres(a: Location, b: Location): number {
  const radians = Math.PI / 180
  const x = (b.longitude - a.longitude) * radians * Math.cos(((a.latitude + b.latitude) / 2) * radians)
  const y = (b.latitude - a.latitude) * radians
  return 6371 * Math.hypot(x, y)
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}
