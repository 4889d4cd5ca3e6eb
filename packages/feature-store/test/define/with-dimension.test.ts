import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dimension, entity, fact, featureView, happens, label } from '../../src/index.ts'
import { labelLineage, viewLineage } from '../../src/catalog/lineage.ts'
import { momentTableOf } from '../../src/compile/tiles/view-moments.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { labelSources, viewSources } from '../../src/vocabulary/view-sources.ts'
import { expressionText } from '../../src/vocabulary/algebra/expression-words.ts'
import { refusal, untyped } from './invalid.ts'

const vehicle = entity('vehicle', { vehicle_id: z.string() })
const depot = entity('depot', { depot_id: z.string() })
const columns = { vehicle_id: z.string(), ts: z.date(), km: z.number(), gear: z.int() }
const telemetry = fact('mart.telemetry', { columns, entities: [vehicle], eventTime: 'ts' })
const shape = {
  vehicle_id: z.string(),
  depot_id: z.string(),
  price: z.number(),
  class: z.enum(['van', 'truck']),
  since: z.date(),
}
const vehicles = dimension('mart.vehicles', { columns: shape, entity: vehicle, validFrom: 'since' })
const now = dimension('mart.vehicles', { columns: shape, entity: vehicle })
const on = { vehicle_id: 'vehicle_id' } as const

const joined = telemetry.with(vehicles, { on, entities: [depot] }).with((r) => ({ cost: r.km.mul(r.price) }))
const byDepot = featureView('by_depot', {
  of: depot,
  from: joined,
  every: '1d',
  features: (f) => ({ cost: f.sum('cost').over('7d'), km: f.sum('km').by('class').over('7d') }),
})
const byVehicle = (from: typeof telemetry) =>
  featureView('by_vehicle', {
    of: vehicle,
    from,
    every: '1d',
    features: (f) => ({ km: f.sum('km').over('7d') }),
  })
/** The columns are not used. */
const withMore: typeof telemetry = untyped(telemetry.with(vehicles, { on }))

const tables = (view: Parameters<typeof viewSources>[0]): readonly string[] =>
  viewSources(view).map(({ source }) => source.table)
const inputs = (edges: ReturnType<typeof viewLineage>, to: string): readonly string[] =>
  edges.filter(({ to_name }) => to_name === to).map(({ from_name }) => from_name)

describe('columns of a dimension', () => {
  test('are in words and in stored plans', () => {
    expect(viewPlan.parse(JSON.parse(JSON.stringify(byDepot.plan)))).toEqual(byDepot.plan)
    expect(joined.plan.computed?.map(({ name, expression }) => `${name}: ${expressionText(expression)}`)).toEqual([
      'depot_id: mart.vehicles.depot_id by vehicle_id',
      'price: mart.vehicles.price by vehicle_id',
      'class: mart.vehicles.class by vehicle_id',
      'since: mart.vehicles.since by vehicle_id',
      'cost: (km * price)',
    ])
  })

  test('make a view read the dimension, where it uses them', () => {
    expect(tables(byDepot.plan)).toEqual(['mart.telemetry', 'mart.vehicles'])
    expect(tables(byVehicle(withMore).plan)).toEqual(['mart.telemetry'])
    expect(inputs(viewLineage(byDepot.plan), 'by_depot.cost_7d')).toEqual([
      'mart.telemetry.vehicle_id',
      'mart.telemetry.ts',
      'mart.telemetry.km',
      'mart.vehicles.price',
      'mart.vehicles.depot_id',
    ])
    const long = label('long', { of: depot, value: happens(joined).within('1d', { where: (r) => r.price.gt(1) }) })
    expect(labelSources(long.plan).map(({ source }) => source.table)).toEqual(['mart.telemetry', 'mart.vehicles'])
    expect(labelLineage(long.plan).map(({ from_name }) => from_name)).toEqual([
      'mart.telemetry.vehicle_id',
      'mart.telemetry.ts',
      'mart.vehicles.price',
      'mart.vehicles.depot_id',
    ])
  })

  test('change the hash of a view that uses them, and of no other', () => {
    expect(byVehicle(withMore).plan.hash).toBe(byVehicle(telemetry).plan.hash)
    const hashOf = (of: typeof vehicles) =>
      featureView('v', {
        of: vehicle,
        from: telemetry.with(of, { on, columns: ['price'] }),
        every: '1d',
        features: (f) => ({ x: f.sum('price').over('7d') }),
      }).plan.hash
    const other = dimension('mart.vehicles', { columns: shape, entity: vehicle, validFrom: 'since', validTo: 'since' })
    const checked = { ...shape, depot_id: z.string().min(2) }
    const stricter = dimension('mart.vehicles', { columns: checked, entity: vehicle, validFrom: 'since' })
    expect(hashOf(other)).not.toBe(hashOf(vehicles))
    expect(hashOf(stricter)).toBe(hashOf(vehicles))
  })

  test('leave a view without stored tiles, which late rows of the dimension would make wrong', () => {
    expect(momentTableOf(byDepot.plan)).toBeUndefined()
    const priced = featureView('v', {
      of: vehicle,
      from: joined,
      every: '1d',
      features: (f) => ({
        n: f
          .count()
          .where((r) => r.class.eq('van'))
          .over('7d'),
      }),
    })
    expect(momentTableOf(priced.plan)).toBeUndefined()
    expect(momentTableOf(byVehicle(withMore).plan)?.table).toBe(momentTableOf(byVehicle(telemetry).plan)?.table)
  })

  test('of two declarations of one table have names of their own', () => {
    const twice = telemetry
      .with(vehicles, { on, columns: ['price'] })
      .with(vehicles, { on, columns: ['class'] })
      .with(now, { on, as: 'now', withoutHistory: 'allow' })
    expect(twice.plan.dimensions?.map(({ name }) => name)).toEqual(['mart.vehicles', 'mart.vehicles (2)'])
  })

  const place = `fact 'mart.telemetry'`
  const join = (options: object, of: object = vehicles, from: typeof telemetry = telemetry) =>
    refusal(() => Reflect.apply(from.with, from, [of, options]))
  test.each([
    [
      'no options',
      () => refusal(() => Reflect.apply(telemetry.with, telemetry, [vehicles])),
      'needs the columns to join on',
    ],
    [
      'no join',
      () => join({}),
      `${place}: with(dimension) needs the columns to join on, like { on: { vehicle_id: 'vehicle_id' } }`,
    ],
    [
      'an unknown column of the fact',
      () => join({ on: { car: 'vehicle_id' } }),
      `${place}: this fact has no column 'car'`,
    ],
    [
      'no key of the dimension',
      () => join({ on: { vehicle_id: 'depot_id' } }),
      `${place}: on names 'depot_id', which is no key of dimension 'mart.vehicles'; its keys are vehicle_id`,
    ],
    [
      'no column for a key',
      () => join({ on: {} }),
      `${place}: on names no column for key 'vehicle_id' of dimension 'mart.vehicles'`,
    ],
    [
      'two columns for a key',
      () => {
        const copied = telemetry.with((r) => ({ other: r.km.gt(1) }))
        return join({ on: { vehicle_id: 'vehicle_id', other: 'vehicle_id' } }, vehicles, untyped(copied))
      },
      `${place}: on names two columns for key 'vehicle_id': vehicle_id and other`,
    ],
    [
      'a column of another type',
      () => join({ on: { gear: 'vehicle_id' } }),
      `${place}, column 'gear': it is bigint here and text in dimension 'mart.vehicles'; declare both alike`,
    ],
    [
      'an unknown column of the dimension',
      () => join({ on, columns: ['depot'] }),
      `${place}: this dimension has no column 'depot'; it has vehicle_id, depot_id, price, class, since`,
    ],
    [
      'no column',
      () => join({ on, columns: [] }),
      `${place}: with() of dimension 'mart.vehicles' takes no column of it`,
    ],
    ['a column twice', () => join({ on, columns: ['price', 'price'] }), `${place}: two columns are named 'price'`],
    [
      'a name that the fact has',
      () => join({ on, columns: ['price'] }, vehicles, untyped(joined)),
      `${place}, column 'price': this fact already has a column 'price'; choose with columns: […], or add as: '…'`,
    ],
    [
      'no history',
      () => join({ on }, now),
      `${place}: dimension 'mart.vehicles' keeps no history, so its columns leak the present into the past; ` +
        `give it validFrom, or accept that with withoutHistory: 'allow'`,
    ],
    [
      'an entity whose key no column is',
      () => join({ on, columns: ['class'], entities: [depot] }),
      `${place}: this table lacks column 'depot_id', a key of entity 'depot'`,
    ],
    [
      'an entity that the fact has',
      () => join({ on, entities: [vehicle] }),
      `${place}: this fact describes entity 'vehicle' already`,
    ],
    [
      'a key that is computed',
      () => {
        const car = entity('car', { name: z.string() })
        const named = telemetry.with((r) => ({ label: r.vehicle_id.coalesce('x') }))
        return join({ on, entities: [car.from({ name: 'label' })] }, vehicles, untyped(named))
      },
      `${place}, column 'label': it is computed, so it cannot be a key of entity 'car'; keys are columns of the table or of a dimension`,
    ],
    [
      'an entity after the event before',
      () => join({ on, entities: [depot] }, vehicles, untyped(telemetry.with((r) => ({ driven: r.increase('km') })))),
      `${place}: column 'driven' is about the event before, which is another one for another entity; ` +
        `join dimensions with entities first, and compute it after that`,
    ],
    [
      'a join on the event before',
      () => {
        const before = telemetry.with((r) => ({ last: r.previous('vehicle_id') }))
        return join({ on: { last: 'vehicle_id' } }, vehicles, untyped(before))
      },
      `${place}, column 'last': it is made of the event before, so no dimension can be joined on it`,
    ],
    [
      'neither',
      () => refusal(() => Reflect.apply(telemetry.with, telemetry, ['vehicles', { on }])),
      'with() takes a function',
    ],
  ])('refuses %s', (_, refused, says) => {
    expect(refused()).toContain(says)
  })
})
