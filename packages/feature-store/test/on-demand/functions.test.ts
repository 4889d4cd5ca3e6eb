import { columnBatch, rowsOf, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  applyDefinitions,
  buildTrainingSet,
  currentDefinitions,
  featureService,
  materialize,
  onDemand,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  planDefinitions,
  type AnyFeatureService,
  type ServicePlan,
} from '../../src/index.ts'
import { loadRides, trip, zoneSpeed } from './taxi.ts'

const at = '2024-05-01T10:30:00Z'
const now = BigInt(Date.parse(at)) * 1000n

/** As `fare`, by a function. */
const priced = (price: number, version = '1') =>
  onDemand('price', {
    of: [zoneSpeed.pick('kmh_2h', 'paid')],
    request: trip,
    version,
    output: {
      minutes: z.number().nullable(),
      seats: z.int(),
      how: z.enum(['card', 'cash', 'none']),
      until: z.date().nullable(),
      day: z.iso.date().nullable(),
    },
    compute: ({ features, request }) => ({
      minutes:
        request.km === null || features.zone_speed__kmh_2h === null
          ? null
          : (request.km / features.zone_speed__kmh_2h) * price,
      seats: request.seats + 1,
      how: features.zone_speed__paid ?? 'none',
      until: request.km === null ? null : new Date(request.km * 1000),
      day: request.kind === null ? null : '2024-02-29',
    }),
  })
const service = featureService('priced', [
  priced(60).pick('minutes', 'seats', 'how', 'until', 'day'),
  zoneSpeed.pick('rides_2h'),
])

const zones = ['a', 'b', 'c', 'a']
const kms = [10, 10, 10, null]
const spine = {
  rows: columnBatch({
    zone_id: { type: 'text', values: zones },
    at: { type: 'timestamp', values: zones.map(() => new Date(at)) },
    km: { type: 'double', values: kms },
    seats: { type: 'bigint', values: [2n, 5n, 1n, 8n] },
    kind: { type: 'text', values: ['car', null, 'van', 'car'] },
  }),
}
// Zone c stands still: 10 km take for ever, which is null.
const expected = [
  { minutes: 20, seats: 3, how: 'cash', until: 10, day: true, rides: 2 },
  { minutes: null, seats: 6, how: 'none', until: 10, day: false, rides: null },
  { minutes: null, seats: 2, how: 'card', until: 10, day: true, rides: 1 },
  { minutes: null, seats: 9, how: 'cash', until: null, day: true, rides: 2 },
]

describe('a function', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
    await loadRides(warehouse)
  })
  afterAll(() => warehouse.close())

  test('gives a training set and an online read the same values', async () => {
    const set = await buildTrainingSet({ warehouse, service, spine, time: 'at' })
    expect(set.features).toEqual([
      'price__minutes',
      'price__seats',
      'price__how',
      'price__until',
      'price__day',
      'zone_speed__rides_2h',
    ])
    const batch = await set.read()
    expect(batch.names).toEqual(['spine_row', 'zone_id', 'at', 'km', 'seats', 'kind', ...set.features])
    const rows = rowsOf<Record<string, unknown>>(batch)
    expect(
      rows.map((row) => ({
        minutes: row['price__minutes'],
        seats: Number(row['price__seats']),
        how: row['price__how'],
        until: row['price__until'] instanceof Date ? row['price__until'].getTime() / 1000 : row['price__until'],
        day: row['price__day'] !== null,
        rides: row['zone_speed__rides_2h'] === null ? null : Number(row['zone_speed__rides_2h']),
      })),
    ).toEqual(expected)
    expect(set.manifest.views).toMatchObject({ price: expect.stringMatching(/^[0-9a-f]{64}$/) })

    await using catalog = await openCatalog({ path: ':memory:' })
    const online = openMemoryStore()
    await materialize({
      warehouse,
      catalog,
      online,
      views: [zoneSpeed],
      now: '2024-05-01 10:30:00',
      from: '2024-05-01',
    })
    const reader = openOnlineReader({ service: service.plan, store: online, functions: service.onDemand })
    const request = kms.map((km, row) => ({ km, seats: [2, 5, 1, 8][row], kind: ['car', null, 'van', 'car'][row] }))
    const vectors = await reader.read(
      zones.map((zone_id) => ({ zone_id })),
      { now, request },
    )
    expect(
      zones.map((_, row) => ({
        minutes: vectors.value(row, 0),
        seats: Number(vectors.value(row, 1)),
        how: vectors.value(row, 2),
        until: vectors.value(row, 3) === null ? null : Number(vectors.value(row, 3)) / 1e6,
        day: vectors.value(row, 4) === 19_782,
        rides: vectors.value(row, 5) === null ? null : Number(vectors.value(row, 5)),
      })),
    ).toEqual(expected)
  })

  test('runs over more rows than are in memory at once, in order', { timeout: 120_000 }, async () => {
    const rows = 45_001
    const counted = onDemand('counted', {
      of: [],
      request: trip,
      version: '1',
      output: { twice: z.int() },
      compute: ({ request }) => ({ twice: Number(request.km) * 2 }),
    })
    const numbers = Array.from({ length: rows }, (_, row) => row)
    const set = await buildTrainingSet({
      warehouse,
      service: featureService('counted_rows', [zoneSpeed, counted]),
      time: 'at',
      spine: {
        rows: columnBatch({
          zone_id: { type: 'text', values: numbers.map(() => 'a') },
          at: { type: 'timestamp', values: numbers.map(() => new Date(at)) },
          km: { type: 'double', values: numbers },
          seats: { type: 'bigint', values: numbers.map(() => 1n) },
          kind: { type: 'text', values: numbers.map(() => null) },
        }),
      },
    })
    const batch = await set.read()
    const twice = batch.columns[batch.names.indexOf('counted__twice')]
    expect(twice?.nulls?.includes(1) ?? false).toBe(false)
    expect(numbers.every((row) => Number(twice?.values[row]) === 2 * row)).toBe(true)
  })

  test('that fails is named, with the row', async () => {
    const failing = onDemand('failing', {
      of: [],
      request: trip,
      version: '1',
      output: { x: z.number() },
      compute: ({ request }) => ({ x: request.km === null ? Number.NaN : request.km }),
    })
    await expect(
      buildTrainingSet({ warehouse, service: featureService('f', [zoneSpeed, failing]), spine, time: 'at' }),
    ).rejects.toMatchObject({
      code: 'ON_DEMAND_FAILED',
      message:
        "Row 3 of the spine: compute of on-demand feature failing (version 1) returned NaN as 'x', which must be a number.",
    })
  })

  test('is needed by whoever has the plan only', async () => {
    await expect(buildTrainingSet({ warehouse, service: service.plan, spine, time: 'at' })).rejects.toMatchObject({
      code: 'ON_DEMAND_FUNCTION_MISSING',
      message: expect.stringContaining('price needs version 1 of its function, and this process has none of that name'),
    })
    const set = await buildTrainingSet({
      warehouse,
      service: service.plan,
      functions: [priced(60)],
      spine,
      time: 'at',
    })
    expect(set.rows).toBe(4)
  })
})

describe('a stored function', () => {
  const apply = async (catalog: Awaited<ReturnType<typeof openCatalog>>, given: AnyFeatureService) =>
    applyDefinitions(catalog, await planDefinitions(catalog, [given]))
  const storedPlan = async (catalog: Awaited<ReturnType<typeof openCatalog>>): Promise<ServicePlan> => {
    const found = (await currentDefinitions(catalog.db)).find(({ kind }) => kind === 'service')
    if (found?.kind !== 'service') throw new Error('no service is applied')
    return found.plan
  }
  const of = (price: number, version?: string) => featureService('priced', [priced(price, version), zoneSpeed])

  test('keeps what it gave for a few rows, and its hash does not depend on them', async () => {
    await using catalog = await openCatalog({ path: ':memory:' })
    await apply(catalog, of(60))
    const plan = await storedPlan(catalog)
    const [computed] = plan.onDemand ?? []
    expect(plan.hash).toBe(of(60).plan.hash)
    expect(computed?.plan.kind === 'function' ? computed.plan.examples?.length : 0).toBe(8)
    expect((await planDefinitions(catalog, [of(60)])).changes).toEqual([])
  })

  test('may not change without another version', async () => {
    await using catalog = await openCatalog({ path: ':memory:' })
    await apply(catalog, of(60))
    await expect(planDefinitions(catalog, [of(66)])).rejects.toMatchObject({
      code: 'ON_DEMAND_FUNCTION_CHANGED',
      message: expect.stringContaining(
        'price gives other values than version 1 did when it was applied, for {"zone_speed__kmh_2h":',
      ),
    })
    const next = await planDefinitions(catalog, [of(66, '2')])
    expect(next.changes.map(({ reasons }) => reasons)).toEqual([['on-demand feature price changed']])
    await applyDefinitions(catalog, next)
    const plan = await storedPlan(catalog)
    const store = openMemoryStore()
    expect(() => openOnlineReader({ service: plan, store, functions: [priced(66, '2')] })).not.toThrow()
    expect(() => openOnlineReader({ service: plan, store, functions: [priced(60)] })).toThrow(
      'this process has version 1',
    )
    expect(() => openOnlineReader({ service: plan, store, functions: [priced(60, '2')] })).toThrow(
      'gives other values than version 2 did',
    )
    expect(() => openOnlineReader({ service: plan, store })).toThrow('this process has none of that name')
  })
})
