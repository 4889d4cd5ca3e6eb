import { weekdayOf } from './calendar.ts'
import { climateOf, congestionAt, weatherAt, type Climate } from './climate.ts'
import { customersOf, demandOf, type Customer } from './customers.ts'
import { delayOf } from './delay.ts'
import { fleetOf, registerArrival, scheduleChanges, type ScheduleChange, type Vehicle } from './fleet.ts'
import { DAY, HOUR, MINUTE, worldShape, type WorldOptions, type WorldShape } from './options.ts'
import { locationsOf, planAt, round, routesOf, type Location, type Route } from './places.ts'
import { countOf, oneOf, randomOf, type Random } from './random.ts'
import type { Shipment } from './shipments.ts'
import { Segments } from './segments.ts'
import type { VehicleVersion } from './fleet.ts'
import { VehicleState } from './vehicle-state.ts'
import type { WorkOrder } from './work-orders.ts'

/** Everything that happens in a world, before its systems tell of it. */
export interface World {
  readonly shape: WorldShape
  readonly locations: readonly Location[]
  readonly routes: readonly Route[]
  readonly customers: readonly Customer[]
  readonly fleet: readonly Vehicle[]
  readonly schedule: readonly ScheduleChange[]
  readonly climate: Climate
  readonly vehicleVersions: readonly VehicleVersion[]
  readonly shipments: readonly Shipment[]
  readonly workOrders: readonly WorkOrder[]
  readonly segments: Segments
}

/**
 * Lets a fleet work for some days. The same options give the same world on every machine.
 *
 * @throws MartletError BAD_OPTION when an option is out of its range
 *
 * @example simulate({ seed: 1, vehicles: 10, days: 30 }).shipments.length
 */
export function simulate(options: WorldOptions): World {
  const shape = worldShape(options)
  const locations = locationsOf(shape)
  const routes = routesOf(shape, locations)
  const customers = customersOf(shape, locations, routes)
  const fleet = fleetOf(shape, locations)
  const climate = climateOf(shape)
  const schedule = scheduleChanges(shape)
  const world = { shape, locations, routes, customers, fleet, schedule, climate }
  const segments = new Segments()
  const workOrders: WorkOrder[] = []
  const vehicleVersions: VehicleVersion[] = []
  const shipments: Shipment[] = []
  const states = fleet.map(
    (vehicle) => new VehicleState(vehicle, shape, schedule, { segments, workOrders, vehicleVersions }),
  )
  const depots = locations.filter(({ kind }) => kind === 'depot')
  for (let day = 0; day < shape.days; day++) {
    moveHomes(shape, states, depots, day)
    const byRegion = new Map<number, VehicleState[]>()
    for (const state of states) {
      state.beginDay(day)
      const region = state.home.region
      const there = byRegion.get(region)
      if (there === undefined) byRegion.set(region, [state])
      else there.push(state)
    }
    for (const order of ordersOf(world, day)) {
      const shipment = dispatch(world, order, day, byRegion.get(order.route.origin.region) ?? [], shipments.length)
      if (shipment !== undefined) shipments.push(shipment)
    }
    for (const state of states) state.endDay(day, climate)
  }
  return { ...world, vehicleVersions, shipments, workOrders, segments }
}

/** Now and then a vehicle moves to another depot. */
function moveHomes(shape: WorldShape, states: readonly VehicleState[], depots: readonly Location[], day: number): void {
  const start = shape.startDay * DAY
  for (const state of states) {
    const random = randomOf(shape.seed, 45, state.vehicle.index, day)
    if (day === 0 || random.next() >= 0.35 / 365) continue
    const from = start + day * DAY + 4 * HOUR + Math.floor(random.next() * 20) * MINUTE
    state.moveTo(oneOf(random, depots), from, registerArrival(start, from))
  }
}

interface Order {
  readonly customer: Customer
  readonly route: Route
  /** Hours after midnight. */
  readonly wanted: number
  readonly loadShare: number
  readonly number: number
}

function ordersOf({ shape, customers }: Pick<World, 'shape' | 'customers'>, day: number): readonly Order[] {
  const epochDay = shape.startDay + day
  const weekday = weekdayOf(epochDay)
  const orders: Order[] = []
  for (const customer of customers) {
    const expected = demandOf(customer, day, epochDay, weekday)
    if (expected === 0) continue
    const random = randomOf(shape.seed, 50, customer.index, day)
    const count = countOf(random, expected)
    for (let number = 0; number < count; number++) {
      const wanted = Math.max(3.5, Math.min(18, customer.hour + 1.1 * random.normal()))
      const loadShare = Math.max(0.05, Math.min(1, customer.loadShare + 0.2 * random.normal()))
      orders.push({ customer, route: oneOf(random, customer.routes), wanted, loadShare, number })
    }
  }
  return orders.toSorted((a, b) => a.wanted - b.wanted)
}

/** Sends the order with the vehicle of three that is free first, or not at all when none can leave that day. */
function dispatch(
  { shape, climate }: Pick<World, 'shape' | 'climate'>,
  { customer, route, wanted, loadShare, number }: Order,
  day: number,
  near: readonly VehicleState[],
  index: number,
): Shipment | undefined {
  const random = randomOf(shape.seed, 51, customer.index, day, number)
  const midnight = (shape.startDay + day) * DAY
  const plan = planAt(route, midnight + 12 * HOUR)
  const longest = 2 * plan.plannedMinutes + 60
  const first = firstFree(random, near, longest)
  if (first === undefined) return undefined
  const leaves = Math.max(wanted * 60, first.freeAt)
  if (leaves > 20 * 60) return undefined
  const minute = Math.round(leaves)
  const hour = day * 24 + Math.floor(minute / 60)
  const capacity = first.capacityKg
  const arrives = hour + Math.max(1, Math.round(plan.plannedMinutes / 60))
  const delay = delayOf(random, {
    plannedMinutes: plan.plannedMinutes,
    distanceKm: plan.distanceKm,
    route,
    hour: minute / 60,
    weekday: weekdayOf(shape.startDay + day),
    condition: climate.condition[weatherAt(climate, route.origin.region, hour)] ?? 0,
    conditionThere: climate.condition[weatherAt(climate, route.destination.region, arrives)] ?? 0,
    congestion: congestionAt(climate, route.origin.region, hour),
    congestionThere: congestionAt(climate, route.destination.region, arrives),
    loadShare,
    weakness: first.weakness(day),
    tier: customer.tier,
  })
  const breakdown = first.breaksOn(day) ? 60 + 240 * random.next() : 0
  const driven = Math.max(0.8 * plan.plannedMinutes, plan.plannedMinutes + delay) + breakdown
  const pickedUp = midnight + minute * MINUTE
  const slack = ([28, 23, 18][customer.tier] ?? 28) + 0.1 * plan.plannedMinutes
  const created = midnight - DAY + (10 + Math.floor(random.next() * 8)) * HOUR + Math.floor(random.next() * 60) * MINUTE
  first.drive(minute, driven - breakdown, plan.distanceKm, plan.plannedMinutes, breakdown, loadShare)
  return {
    index,
    id: `S${String(index + 1).padStart(8, '0')}`,
    customer,
    vehicle: first.vehicle,
    route,
    weightKg: round(loadShare * capacity, 1),
    priceCents: Math.round(
      100 * (18 + 0.9 * plan.distanceKm + 0.02 * loadShare * capacity) * (1 + 0.1 * random.next()),
    ),
    created,
    pickedUp,
    promised: pickedUp + Math.round(plan.plannedMinutes + slack) * MINUTE,
    delivered: pickedUp + Math.round(driven) * MINUTE,
    corrected: random.next() < 0.03 ? Math.floor((6 + 60 * random.next()) * 60) * MINUTE : undefined,
  }
}

/** Of three vehicles that may take a trip of so many minutes, the one that is free first. */
function firstFree(random: Random, near: readonly VehicleState[], minutes: number): VehicleState | undefined {
  let first: VehicleState | undefined
  let found = 0
  for (let draw = 0; draw < 12 && near.length > 0 && found < 3; draw++) {
    const state = oneOf(random, near)
    if (!state.mayTake(minutes)) continue
    found++
    if (first === undefined || state.freeAt < first.freeAt) first = state
  }
  return first ?? near.find((state) => state.mayTake(minutes))
}
