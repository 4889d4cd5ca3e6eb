import { columnBatch, type ColumnInput, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { buildTrainingSet, openMemoryStore, openOnlineReader, type RequestRow } from '../../src/index.ts'
import { loadRides, taxi } from './taxi.ts'

describe('a spine without what a request brings', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
    await loadRides(warehouse)
  })
  afterAll(() => warehouse.close())

  const columns: Readonly<Record<string, ColumnInput>> = {
    zone_id: { type: 'text', values: ['a', 'a'] },
    at: { type: 'timestamp', values: [new Date('2024-05-01T10:30:00Z'), new Date('2024-05-01T10:30:00Z')] },
    km: { type: 'double', values: [1, null] },
    seats: { type: 'bigint', values: [1n, 2n] },
    kind: { type: 'text', values: ['van', null] },
  }
  const { seats: _, ...withoutSeats } = columns
  const cases: [string, Readonly<Record<string, ColumnInput>>, string][] = [
    ['lacks a column', withoutSeats, "The spine has no column 'seats', a value of the request."],
    [
      'has a misspelt one',
      { ...withoutSeats, seat: columns['seats'] ?? { type: 'text', values: [] } },
      "The spine has no column 'seats', a value of the request. Did you mean 'seat'?",
    ],
    [
      'has one of another type',
      { ...columns, km: { type: 'text', values: ['1', '2'] } },
      "The spine's column 'km' is text, but the value of the request is double. Cast it.",
    ],
    [
      'has fractions for whole numbers',
      { ...columns, seats: { type: 'double', values: [1, 2] } },
      "The spine's column 'seats' is double, but the value of the request is bigint. Cast it.",
    ],
    [
      'has nulls where a value is needed',
      { ...columns, seats: { type: 'bigint', values: [1n, null] } },
      '1 row of the spine lacks a key, a value of the request or a time between the years 1 and 9999 (at, zone_id, seats): row 1',
    ],
  ]
  test.each(cases)('is refused when it %s', async (_name, given, says) => {
    const building = buildTrainingSet({ warehouse, service: taxi, spine: { rows: columnBatch(given) }, time: 'at' })
    await expect(building).rejects.toMatchObject({ code: 'BAD_SPINE', message: expect.stringContaining(says) })
  })

  test('may have whole numbers for numbers', async () => {
    const rows = columnBatch({ ...columns, km: { type: 'bigint', values: [15n, null] } })
    const set = await buildTrainingSet({ warehouse, service: taxi, spine: { rows }, time: 'at' })
    const batch = await set.read()
    expect(batch.columns[batch.names.indexOf('fare__minutes')]?.values[0]).toBe(30)
  })
})

describe('a read without what a request brings', () => {
  const reader = openOnlineReader({ service: taxi.plan, store: openMemoryStore() })
  const ok: RequestRow = { km: 3, seats: 2, kind: 'van' }
  const cases: [string, readonly RequestRow[] | undefined, string][] = [
    ['has no request', undefined, 'Row 0 of request: seats is missing; it must be a whole number of 64 bits.'],
    ['has fewer rows', [ok], 'Service taxi is asked for 2 keys, and request has 1 rows. Give one per key.'],
    ['has a wrong type', [ok, { ...ok, km: 'far' }], 'Row 1 of request: km must be a number.'],
    ['has a value out of range', [ok, { ...ok, km: -1 }], 'Row 1 of request: km must be a number of at least 0.'],
    ['has no such kind', [ok, { ...ok, kind: 'bus' }], 'Row 1 of request: kind must be one of van, car.'],
    ['has a value that is not known', [ok, { ...ok, kms: 1 }], "service taxi has no value 'kms'; did you mean 'km'?"],
    ['has half a seat', [{ ...ok, seats: 1.5 }, ok], 'Row 0 of request: seats must be a whole number of 64 bits.'],
  ]
  test.each(cases)('is refused when it %s', (_, request, says) => {
    const keys = [{ zone_id: 'a' }, { zone_id: 'b' }]
    expect(() => reader.read(keys, request === undefined ? {} : { request })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST_VALUE', message: expect.stringContaining(says) }),
    )
  })

  test('takes a number that is not finite for a missing one', async () => {
    const vectors = await reader.read([{ zone_id: 'a' }], { request: [{ ...ok, km: Number.NaN }] })
    expect([vectors.value(0, 1), vectors.status(0, 1)]).toEqual([null, 'NULL_VALUE'])
    expect(vectors.value(0, 2)).toBe(2n)
  })
})
