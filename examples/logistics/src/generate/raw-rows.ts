import { CONDITIONS, WEATHER_HOURS } from './climate.ts'
import { holidayOf, monthOf, weekdayOf, yearOf } from './calendar.ts'
import { firstSchedule, SERVICES, typeFacts, VEHICLE_TYPES, type Interval } from './fleet.ts'
import { noNote, type Note } from './ledger.ts'
import { DAY, HOUR, MINUTE } from './options.ts'
import { REGIONS } from './places.ts'
import { randomOf } from './random.ts'
import type { RawTable } from './raw-tables.ts'
import type { Cell } from './row-buffer.ts'
import { shipmentRows } from './shipment-rows.ts'
import type { World } from './simulate.ts'

/** A row of a table of raw; its last cell is when it arrived, in milliseconds since the epoch. */
export type RawRow = readonly [...Cell[], loadedAt: number]

type Rows = (world: World, note?: Note) => Iterable<RawRow>

/** The rows of each table of raw except telemetry, from the first day of a world to whenever its last row arrives. */
export const rawRows: Readonly<Record<RawTable, Rows>> = {
  *locations({ shape, locations }) {
    const [written, loadedAt] = [shape.startDay * DAY - 400 * DAY, begun(shape.startDay)]
    for (const { id, kind, region, latitude, longitude } of locations)
      yield [
        id,
        `${nameOf[kind]} ${id.slice(1)}`,
        kind,
        REGIONS[region] ?? null,
        latitude,
        longitude,
        written,
        loadedAt,
      ]
  },
  *calendar({ shape }) {
    for (let day = shape.startDay - 31; day < shape.startDay + shape.days + 60; day++) {
      const [weekday, holiday] = [weekdayOf(day), holidayOf(day)]
      const loadedAt = begun(shape.startDay)
      yield [day, yearOf(day), monthOf(day), weekday, weekday >= 6, holiday !== null, holiday, loadedAt]
    }
  },
  *routes({ shape, routes }) {
    for (const { id, origin, destination, plans } of routes)
      for (const { from, announced, distanceKm, plannedMinutes } of plans) {
        const loadedAt = Math.max(begun(shape.startDay), announced)
        yield [id, origin.id, destination.id, distanceKm, plannedMinutes, from, loadedAt]
      }
  },
  *customers({ customers }, note = noNote) {
    for (const { id, segment, versions } of customers)
      for (const { from, loadedAt, tier, depot, creditLimit, misspelt } of versions) {
        if (misspelt) note({ fault: 'misspeltTier', table: 'raw.customers', key: `${id} ${text(from)}`, loadedAt })
        const email = `${id.toLowerCase()}@customers.example`
        yield [
          id,
          `Customer ${id.slice(1)}`,
          email,
          segment,
          tier,
          depot.id,
          BigInt(creditLimit) * 100n,
          from,
          loadedAt,
        ]
      }
  },
  *vehicles({ vehicleVersions }) {
    for (const { vehicle, from, loadedAt, home, status } of vehicleVersions) {
      const { id, plate, type, commissionedDay } = vehicle
      yield [id, plate, type, typeFacts[type].capacityKg, commissionedDay, home.id, status, from, loadedAt]
    }
  },
  *maintenance_schedule({ shape, schedule }) {
    const written = shape.startDay * DAY - 400 * DAY
    const row = (type: string, kind: string, { days, km, engineHours }: Interval, from: number, at: number): RawRow => [
      type,
      kind,
      days,
      km,
      engineHours,
      from,
      at,
    ]
    for (const type of VEHICLE_TYPES)
      for (const kind of SERVICES) yield row(type, kind, firstSchedule[type][kind], written, begun(shape.startDay))
    for (const { type, service, interval, from } of schedule) yield row(type, service, interval, from, from - 2 * DAY)
  },
  *maintenance({ shape, workOrders }) {
    const begin = begun(shape.startDay)
    for (const [index, { vehicle, kind, performed, invoiced, costCents }] of workOrders.entries()) {
      const id = `W${String(index + 1).padStart(7, '0')}`
      const loadedAt = Math.max(begin, performed + 2 * HOUR)
      yield [id, vehicle.id, kind, performed, null, performed, loadedAt]
      yield [id, vehicle.id, kind, performed, BigInt(costCents), invoiced, Math.max(begin, invoiced + HOUR)]
    }
  },
  *weather({ shape, climate }) {
    for (let step = 0; step < climate.weatherSteps; step++)
      for (const [region, name] of REGIONS.entries()) {
        const at = region * climate.weatherSteps + step
        const observed = shape.startDay * DAY + step * WEATHER_HOURS * HOUR
        const condition = CONDITIONS[climate.condition[at] ?? 0] ?? 'dry'
        const measured = [climate.temperature[at] ?? 0, climate.rain[at] ?? 0, climate.wind[at] ?? 0] as const
        yield [name, observed, ...measured, condition, observed + 10 * MINUTE]
      }
  },
  *traffic({ shape, climate }, note = noNote) {
    for (const [region, name] of REGIONS.entries()) {
      const random = randomOf(shape.seed, 61, region)
      for (let step = 0; step < climate.trafficSteps; step++) {
        const at = region * climate.trafficSteps + step
        const observed = shape.startDay * DAY + step * HOUR
        const overlaps = random.next() < shape.faults.overlappingValidity
        const until = observed + (3 + Math.floor(8 * random.next())) * HOUR
        const loadedAt = observed + 5 * MINUTE
        if (overlaps)
          note({ fault: 'overlappingValidity', table: 'raw.traffic', key: `${name} ${text(observed)}`, loadedAt })
        const roads = [climate.congestion[at] ?? 0, climate.roadworks[at] ?? 0] as const
        yield [name, observed, overlaps ? until : null, ...roads, loadedAt]
      }
    }
  },
  *shipments({ shape, shipments }, note = noNote) {
    for (const shipment of shipments) yield* shipmentRows(shape, shipment, note)
  },
}

const nameOf = { depot: 'Depot', hub: 'Hub', customer: 'Place' } as const

/** When what is older than the world arrives: half an hour after it began. */
function begun(startDay: number): number {
  return startDay * DAY + 30 * MINUTE
}

function text(at: number): string {
  return new Date(at).toISOString()
}
