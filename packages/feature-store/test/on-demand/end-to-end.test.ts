import { columnBatch, rowsOf, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  vectorFields,
  type OnlineStore,
} from '../../src/index.ts'
import { loadRides, taxi, zoneSpeed } from './taxi.ts'

const at = '2024-05-01T10:30:00Z'
const now = BigInt(Date.parse(at)) * 1000n
const zones = ['a', 'b', 'c', 'a']
const kms = [10, 10, 10, null]
const seats = [2n, 5n, 1n, 8n]
const kinds = ['car', null, 'van', 'car'] as const

let warehouse: Warehouse
let online: OnlineStore
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  await loadRides(warehouse)
  await using catalog = await openCatalog({ path: ':memory:' })
  online = openMemoryStore()
  await materialize({ warehouse, catalog, online, views: [zoneSpeed], now: '2024-05-01 10:30:00', from: '2024-05-01' })
})
afterAll(() => warehouse.close())

const spine = {
  rows: columnBatch({
    zone_id: { type: 'text', values: zones },
    at: { type: 'timestamp', values: zones.map(() => new Date(at)) },
    km: { type: 'double', values: kms },
    seats: { type: 'bigint', values: seats },
    kind: { type: 'text', values: kinds },
  }),
}

/** At 10:00, zone a has two rides of 30 km/h on average, zone b no row, and zone c one ride that stood still. */
const expected = [
  { paid: 'cash', minutes: 20, seats: 4, big: 'no' },
  { paid: null, minutes: null, seats: 5, big: 'yes' },
  { paid: 'card', minutes: null, seats: 2, big: 'yes' },
  { paid: 'cash', minutes: null, seats: 10, big: 'yes' },
]

test.each(['facts', 'materialized'] as const)('a training set from %s has on-demand values', async (from) => {
  const set = await buildTrainingSet({ warehouse, service: taxi, spine, time: 'at', from })
  expect(set.features).toEqual(['zone_speed__paid', 'fare__minutes', 'fare__seats', 'fare__big'])
  const rows = rowsOf<Record<string, unknown>>(await set.read())
  expect(
    rows.map((row) => ({
      paid: row['zone_speed__paid'],
      minutes: row['fare__minutes'],
      seats: Number(row['fare__seats']),
      big: row['fare__big'],
    })),
  ).toEqual(expected)
})

test('online, the process computes the same values', async () => {
  const reader = openOnlineReader({ service: taxi.plan, store: online })
  const request = zones.map((_, row) => ({ km: kms[row] ?? null, seats: seats[row], kind: kinds[row] ?? null }))
  const vectors = await reader.read(
    zones.map((zone_id) => ({ zone_id })),
    { now, request },
  )
  expect(vectors.fields.map(({ name }) => name)).toEqual(vectorFields(taxi.plan).map(({ name }) => name))
  expect(
    zones.map((_, row) => ({
      paid: vectors.value(row, 0),
      minutes: vectors.value(row, 1),
      seats: Number(vectors.value(row, 2)),
      big: vectors.value(row, 3),
    })),
  ).toEqual(expected)
  expect(zones.map((_, row) => vectors.status(row, 1))).toEqual(['PRESENT', 'NULL_VALUE', 'NULL_VALUE', 'NULL_VALUE'])
  expect(vectors.status(1, 0)).toBe('NOT_FOUND')
  expect(vectors.json(0)).toBe('{"zone_speed__paid":"cash","fare__minutes":20,"fare__seats":4,"fare__big":"no"}')
  const target = new Float64Array(4)
  vectors.fill(1, target, 0, 1)
  expect([...target]).toEqual([20, Number.NaN, Number.NaN, Number.NaN])
})
