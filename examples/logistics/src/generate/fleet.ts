import { DAY, HOUR, type WorldShape } from './options.ts'
import type { Location } from './places.ts'
import { oneOf, randomOf } from './random.ts'

export const VEHICLE_TYPES = ['van', 'rigid', 'tractor'] as const
export type VehicleType = (typeof VEHICLE_TYPES)[number]

export const SERVICES = ['oil', 'brakes', 'tyres', 'inspection'] as const
export type Service = (typeof SERVICES)[number]

/** How often a service is due; null where it is not due by that measure. */
export interface Interval {
  readonly days: number | null
  readonly km: number | null
  readonly engineHours: number | null
}

export const typeFacts = {
  van: { capacityKg: 1300, litresPer100Km: 9.5, share: 0.45, hazard: 0.85 },
  rigid: { capacityKg: 7500, litresPer100Km: 21, share: 0.35, hazard: 1 },
  tractor: { capacityKg: 24_000, litresPer100Km: 31, share: 0.2, hazard: 1.2 },
} as const

/** What the workshop plans from the beginning on. */
export const firstSchedule: Readonly<Record<VehicleType, Readonly<Record<Service, Interval>>>> = {
  van: {
    oil: { days: 270, km: 18_000, engineHours: null },
    brakes: { days: null, km: 32_000, engineHours: null },
    tyres: { days: null, km: 40_000, engineHours: null },
    inspection: { days: 180, km: null, engineHours: 900 },
  },
  rigid: {
    oil: { days: 210, km: 20_000, engineHours: null },
    brakes: { days: null, km: 36_000, engineHours: null },
    tyres: { days: null, km: 48_000, engineHours: null },
    inspection: { days: 150, km: null, engineHours: 800 },
  },
  tractor: {
    oil: { days: 180, km: 24_000, engineHours: null },
    brakes: { days: null, km: 42_000, engineHours: null },
    tyres: { days: null, km: 60_000, engineHours: null },
    inspection: { days: 120, km: null, engineHours: 700 },
  },
}

/** A change of the schedule: from a day of the world on, oil of tractors is due earlier. */
export interface ScheduleChange {
  readonly from: number
  readonly type: VehicleType
  readonly service: Service
  readonly interval: Interval
}

export function scheduleChanges({ startDay, days }: WorldShape): readonly ScheduleChange[] {
  const from = (startDay + Math.floor(days * 0.55)) * DAY
  return [{ from, type: 'tractor', service: 'oil', interval: { days: 150, km: 20_000, engineHours: null } }]
}

/** The interval that holds at a time (milliseconds since the epoch). */
export function intervalAt(
  changes: readonly ScheduleChange[],
  type: VehicleType,
  service: Service,
  at: number,
): Interval {
  const changed = changes.findLast((change) => change.type === type && change.service === service && change.from <= at)
  return changed?.interval ?? firstSchedule[type][service]
}

export interface Vehicle {
  readonly index: number
  readonly id: string
  readonly plate: string
  readonly type: VehicleType
  readonly commissionedDay: number
  readonly home: Location
  /** °C above others at the same work. */
  readonly hotness: number
  /** How easily it breaks, as a factor. */
  readonly fragility: number
  /** How late its services usually are, as a factor on the interval. */
  readonly tardiness: number
  readonly odometerKm: number
  readonly engineHours: number
}

export function fleetOf(shape: WorldShape, locations: readonly Location[]): readonly Vehicle[] {
  const depots = locations.filter(({ kind }) => kind === 'depot')
  const discipline = new Map(depots.map((depot) => [depot, 0.16 * randomOf(shape.seed, 41, depot.index).normal()]))
  return Array.from({ length: shape.vehicles }, (_, index) => {
    const random = randomOf(shape.seed, 40, index)
    const drawn = random.next()
    const type = drawn < typeFacts.van.share ? 'van' : drawn < 1 - typeFacts.tractor.share ? 'rigid' : 'tractor'
    const ageDays = Math.floor(60 + 3200 * random.next() ** 1.2)
    const odometerKm = Math.round(ageDays * (190 + 60 * random.next()))
    const home = depots[index % depots.length] ?? oneOf(random, depots)
    return {
      index,
      id: `V${String(index + 1).padStart(5, '0')}`,
      plate: `ML-${letter(index)}${letter(Math.floor(index / 26))} ${1000 + Math.floor(8999 * random.next())}`,
      type,
      commissionedDay: shape.startDay - ageDays,
      home,
      hotness: 1.6 * random.normal(),
      fragility: Math.exp(0.3 * random.normal()),
      tardiness: Math.max(0.85, 1.02 + (discipline.get(home) ?? 0) + 0.1 * random.normal()),
      odometerKm,
      engineHours: Math.round(odometerKm / 47),
    }
  })
}

function letter(number: number): string {
  return String.fromCharCode(65 + (number % 26))
}

/** What the fleet's register says about a vehicle from a moment on (milliseconds since the epoch). */
export interface VehicleVersion {
  readonly vehicle: Vehicle
  readonly from: number
  readonly loadedAt: number
  readonly home: Location
  readonly status: 'active' | 'workshop' | 'sold'
}

/** The register hands over what changed within the hour; what is older than the world, when it begins. */
export function registerArrival(start: number, at: number): number {
  return at < start ? start + HOUR / 2 : at + HOUR / 3
}
