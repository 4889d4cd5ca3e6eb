import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLmdbStore } from '../../src/online/lmdb/lmdb-store.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import type { OnlineStore } from '../../src/online/online-store.ts'
import { publishRows } from '../../src/online/publish.ts'
import { openOnlineReader } from '../../src/read/online-reader.ts'
import type { FeatureStatus, FeatureValue } from '../../src/read/online-vectors.ts'
import { batch, column, servicePlan, stream, viewPlan } from '../online/view-plans.ts'

interface Row {
  readonly a: string
  readonly b: number
  readonly time: number
  readonly x: number | null
  readonly s: string | null
  readonly n: bigint | null
}

const ids = fc.constantFrom('', 'a', 'b', 'é', 'a\0b')
const time = fc.integer({ min: 0, max: 30 })
const row: fc.Arbitrary<Row> = fc.record({
  a: ids,
  b: fc.integer({ min: -1, max: 1 }),
  time,
  x: fc.option(fc.double()),
  s: fc.option(fc.string({ unit: 'binary', maxLength: 5 }).filter((text) => text.isWellFormed())),
  n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
})
const columns = (rows: readonly Row[]) => ({
  a: column(
    'text',
    rows.map((one) => one.a),
  ),
  b: column(
    'integer',
    rows.map((one) => one.b),
  ),
  feature_time: column(
    'timestamp',
    rows.map((one) => one.time),
  ),
  x: column(
    'double',
    rows.map((one) => one.x),
  ),
  s: column(
    'text',
    rows.map((one) => one.s),
  ),
  n: column(
    'bigint',
    rows.map((one) => one.n),
  ),
})

const newest = (rows: readonly Row[]): Row | undefined =>
  rows.reduce<Row | undefined>((best, one) => (best === undefined || one.time >= best.time ? one : best), undefined)

let folder: string
let lmdb: OnlineStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-online-'))
  lmdb = openLmdbStore({ path: folder })
})
afterAll(async () => {
  await lmdb.close()
  await rm(folder, { recursive: true, force: true })
})

describe.each([
  ['memory', () => openMemoryStore()],
  ['LMDB', () => lmdb],
] as const)('reading a service online from %s', (_, open) => {
  it('agrees with looking through all published rows', async () => {
    const input = fc.record({
      pairs: fc.array(row, { maxLength: 30 }),
      singles: fc.array(row, { maxLength: 30 }),
      ttl: fc.option(fc.integer({ min: 1, max: 20 })),
      now: fc.integer({ min: 0, max: 40 }),
      keys: fc.array(fc.record({ a: ids, b: fc.integer({ min: -1, max: 1 }) }), { maxLength: 10 }),
    })
    await fc.assert(
      fc.asyncProperty(input, async ({ pairs, singles, ttl, now, keys }) => {
        const store = open()
        for (const table of ['pair', 'single']) await store.clear(table)
        const pair = viewPlan('pair', { b: 'integer', a: 'text' }, { x: 'double', s: 'text', n: 'bigint' }, ttl)
        const single = viewPlan('single', { a: 'text' }, { s: 'text', x: 'double' })
        const half = Math.ceil(pairs.length / 2)
        await publishRows(
          store,
          pair,
          stream(batch(columns(pairs.slice(0, half))), batch(columns(pairs.slice(half)))),
          { writeRows: 1 },
        )
        await publishRows(store, single, stream(batch(columns(singles))))
        const service = servicePlan('twin', [
          [pair, ['n', 'x', 's']],
          [single, ['x']],
        ])
        const vectors = await openOnlineReader({ service, store }).read(keys, { now: BigInt(now) })

        const filled = new Float64Array(keys.length * 2)
        vectors.fill(1, filled, 0, 2)
        vectors.fill(3, filled, keys.length === 0 ? 0 : 1, 2)
        expect(vectors.rows).toBe(keys.length)
        for (const [index, key] of keys.entries()) {
          const found = newest(pairs.filter(({ a, b }) => a === key.a && b === key.b))
          const other = newest(singles.filter(({ a }) => a === key.a))
          const old = found !== undefined && ttl !== null && now - found.time > ttl
          const cells: [FeatureStatus, FeatureValue][] = [
            ...(['n', 'x', 's'] as const).map((name) => cell(found, found?.[name], old)),
            cell(other, other?.x, false),
          ]
          expect(vectors.fields.map((_, field) => [vectors.status(index, field), vectors.value(index, field)])).toEqual(
            cells,
          )
          expect([vectors.featureTime(index, 0), vectors.featureTime(index, 1)]).toEqual(
            [found, other].map((one) => (one === undefined ? undefined : BigInt(one.time))),
          )
          expect([filled[index * 2], filled[index * 2 + 1]]).toEqual([
            cells[1]?.[1] ?? Number.NaN,
            cells[3]?.[1] ?? Number.NaN,
          ])
          // JSON.stringify is the twin of the printer; it needs the bigint as raw digits
          const [n, x, s, y] = cells.map(([, value]) => value)
          expect(vectors.json(index)).toBe(
            `{"pair__n":${n},"pair__x":${JSON.stringify(x)},"pair__s":${JSON.stringify(s)},"single__x":${JSON.stringify(y)}}`,
          )
        }
      }),
    )
  })
})

function cell(found: Row | undefined, value: FeatureValue | undefined, old: boolean): [FeatureStatus, FeatureValue] {
  if (found === undefined || value === undefined) return ['NOT_FOUND', null]
  if (old) return ['OUTSIDE_MAX_AGE', null]
  return value === null ? ['NULL_VALUE', null] : ['PRESENT', value]
}
