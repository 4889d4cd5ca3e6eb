import { openDuckDb, sql, type MartletError } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import { CONDITIONS, weatherAt } from '../../src/generate/climate.ts'
import { deliver } from '../../src/generate/deliver.ts'
import { intervalAt } from '../../src/generate/fleet.ts'
import { DAY, HOUR, noFaults, type WorldOptions } from '../../src/generate/options.ts'
import { planAt } from '../../src/generate/places.ts'
import { rawTables } from '../../src/generate/raw-tables.ts'
import { simulate, type World } from '../../src/generate/simulate.ts'
import { createTables } from '../support/mart-warehouse.ts'

const small = { seed: 4, vehicles: 6, days: 20, customers: 8 } satisfies WorldOptions

/** A number for each table of raw, which another row, value or order would change. */
async function prints(options: WorldOptions): Promise<readonly string[]> {
  await using warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  await deliver(warehouse, simulate(options))
  const tables = [...Object.keys(rawTables), 'telemetry']
  return await Promise.all(
    tables.map(async (table) => {
      const batch = await warehouse.read(
        sql`SELECT md5(string_agg(CAST(t AS VARCHAR), chr(10) ORDER BY rowid)) AS print FROM ${sql.id('raw', table)} AS t`,
      )
      return String(batch.columns[0]?.values[0])
    }),
  )
}

test('the same seed gives the same rows in the same order, another one gives others', async () => {
  const first = await prints(small)
  expect(await prints(small)).toEqual(first)
  const other = await prints({ ...small, seed: 5 })
  // The calendar and the schedule of services do not depend on the seed.
  expect(first.filter((print, i) => print === other[i])).toHaveLength(2)
})

test('readings of every minute, parked vehicles included, are there for every minute of the days', async () => {
  await using warehouse = await openDuckDb({ threads: 1 })
  await createTables(warehouse)
  const world = simulate({ ...small, days: 2, everyMinutes: 1, parked: true, faults: noFaults })
  const { rows } = await deliver(warehouse, world, { untilDay: 3 })
  expect(rows.telemetry).toBe(small.vehicles * 2 * 1440)
  const { columns } = await warehouse.read(sql`
    SELECT COUNT(*) AS falls FROM (
      SELECT odometer_km < LAG(odometer_km) OVER w AS km_fell, engine_hours < LAG(engine_hours) OVER w AS hours_fell
      FROM raw.telemetry WINDOW w AS (PARTITION BY vehicle_id ORDER BY recorded_at)
    ) AS r WHERE km_fell OR hours_fell`)
  expect(Number(columns[0]?.values[0])).toBe(0)
})

test('an option out of its range is refused by name', () => {
  const wrong: readonly [Partial<WorldOptions>, string][] = [
    [{ vehicles: 0 }, 'vehicles'],
    [{ days: 1.5 }, 'days'],
    [{ everyMinutes: 7 }, 'everyMinutes'],
    [{ start: new Date('2025-01-01T01:00:00Z') }, 'start'],
    [{ faults: { overweight: 2 } }, 'overweight'],
  ]
  for (const [options, name] of wrong) {
    const make = (): World => simulate({ seed: 1, ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'BAD_OPTION', data: { option: name } }) as MartletError)
  }
})

describe('a year of 60 vehicles', () => {
  const world = simulate({ seed: 2, vehicles: 60, faults: noFaults })
  const start = world.shape.startDay
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

  test('has vehicles that break down more often while their oil is overdue', () => {
    const found = { overdue: { days: 0, failures: 0 }, fresh: { days: 0, failures: 0 } }
    for (const { vehicle, failures, serviced, km } of histories(world)) {
      let since = serviced.get(-1) ?? 0
      for (let day = 0; day < world.shape.days; day++) {
        const interval = intervalAt(world.schedule, vehicle.type, 'oil', (start + day) * DAY).km ?? Infinity
        const share = since / interval
        const group = share > 1 ? found.overdue : share < 0.6 ? found.fresh : undefined
        if (group !== undefined) group.days++
        if (group !== undefined && failures.has(day)) group.failures++
        since = serviced.has(day) ? 0 : since + (km.get(day) ?? 0)
      }
    }
    const rate = ({ days, failures }: { days: number; failures: number }): number => failures / days
    expect(found.fresh.failures).toBeGreaterThan(20)
    expect(rate(found.overdue)).toBeGreaterThan(1.8 * rate(found.fresh))
  })

  test('has engines that run hotter and report more faults in the days before a breakdown, but not before each', () => {
    const { vehicle, hour, temperature, fault, size } = world.segments
    const failures = world.workOrders.filter(({ kind }) => kind === 'breakdown')
    const near = { temperatures: [] as number[], faults: [] as number[] }
    const far = { temperatures: [] as number[], faults: [] as number[] }
    const hottest = new Map(failures.map((failure) => [failure, 0]))
    for (let i = 0; i < size; i++) {
      const at = (hour[i] ?? 0) * HOUR
      const own = failures.filter((failure) => failure.vehicle.index === vehicle[i] && failure.performed > at)
      const soon = own.filter(({ performed }) => performed < at + 4 * DAY)
      const group = soon.length > 0 ? near : own.some(({ performed }) => performed < at + 30 * DAY) ? undefined : far
      group?.temperatures.push(temperature[i] ?? 0)
      group?.faults.push((fault[i] ?? 0) > 0 ? 1 : 0)
      for (const failure of soon) if ((fault[i] ?? 0) > 0) hottest.set(failure, (hottest.get(failure) ?? 0) + 1)
    }
    expect(mean(near.temperatures) - mean(far.temperatures)).toBeGreaterThan(2)
    expect(mean(near.faults)).toBeGreaterThan(4 * mean(far.faults))
    expect([...hottest.values()].filter((faults) => faults === 0).length).toBeGreaterThan(failures.length / 10)
  })

  test('has shipments that take longer in rain, snow and dense traffic than the same routes in good conditions', () => {
    const groups = new Map<string, number[]>()
    for (const { route, pickedUp, delivered } of world.shipments) {
      const hour = Math.floor(pickedUp / HOUR) - start * 24
      const at = weatherAt(world.climate, route.origin.region, hour)
      const condition = CONDITIONS[world.climate.condition[at] ?? 0] ?? ''
      const congestion = world.climate.congestion[route.origin.region * world.climate.trafficSteps + hour] ?? 0
      const late = (delivered - pickedUp) / 60_000 / planAt(route, pickedUp).plannedMinutes
      for (const group of [condition, congestion > 0.4 ? 'dense' : congestion < 0.15 ? 'free' : 'usual'])
        groups
          .set(group, groups.get(group) ?? [])
          .get(group)
          ?.push(late)
    }
    const of = (group: string): number => mean(groups.get(group) ?? [])
    expect(of('rain') - of('dry')).toBeGreaterThan(0.05)
    expect(of('snow') - of('rain')).toBeGreaterThan(0.05)
    expect(of('dense') - of('free')).toBeGreaterThan(0.1)
  })

  test('is warmer for engines in summer, and has services before and after they are due', () => {
    const { hour, temperature, size } = world.segments
    const inMonths = (from: number, to: number): number => {
      const values: number[] = []
      for (let i = 0; i < size; i++) {
        const month = new Date((hour[i] ?? 0) * HOUR).getUTCMonth() + 1
        if (month >= from && month <= to) values.push(temperature[i] ?? 0)
      }
      return mean(values)
    }
    expect(inMonths(6, 8) - inMonths(1, 2)).toBeGreaterThan(2)
    const planned = world.workOrders.filter(({ kind }) => kind !== 'breakdown')
    expect(new Set(planned.map(({ kind }) => kind))).toEqual(new Set(['oil', 'brakes', 'tyres', 'inspection']))
  })

  test('has customers who join, change, move and leave', () => {
    const { customers, shipments } = world
    const left = customers.filter(({ leaves }) => leaves < 300)
    expect(left.length).toBeGreaterThan(3)
    for (const customer of left)
      expect(
        shipments.some(
          (shipment) => shipment.customer === customer && shipment.pickedUp > (start + customer.leaves + 1) * DAY,
        ),
      ).toBe(false)
    expect(customers.some(({ joins }) => joins > 0)).toBe(true)
    expect(customers.some(({ versions }) => new Set(versions.map(({ tier }) => tier)).size > 1)).toBe(true)
    expect(customers.some(({ versions }) => new Set(versions.map(({ depot }) => depot)).size > 1)).toBe(true)
    const homes = world.vehicleVersions.filter(({ vehicle, home }) => home !== vehicle.home)
    expect(homes.length).toBeGreaterThan(0)
  })
})

/** By vehicle: days of breakdowns, days on which the oil was changed (-1: km since the change before the year), km of each day. */
function histories({ fleet, workOrders, segments, shape }: World) {
  const all = fleet.map((vehicle) => ({
    vehicle,
    failures: new Set<number>(),
    serviced: new Map<number, number>(),
    km: new Map<number, number>(),
  }))
  for (const { vehicle, kind, performed } of workOrders) {
    const day = Math.floor(performed / DAY) - shape.startDay
    const own = all[vehicle.index]
    if (kind === 'breakdown') own?.failures.add(day)
    if (kind === 'oil' && day < 0) own?.serviced.set(-1, -day * 215)
    else if (kind === 'oil' || kind === 'breakdown') own?.serviced.set(day, 0)
  }
  for (let i = 0; i < segments.size; i++) {
    const own = all[segments.vehicle[i] ?? -1]
    const day = Math.floor((segments.hour[i] ?? 0) / 24) - shape.startDay
    own?.km.set(day, (own.km.get(day) ?? 0) + (segments.km[i] ?? 0))
  }
  return all
}
