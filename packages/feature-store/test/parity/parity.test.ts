import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestWarehouse, runsOf, testEngine } from '../../../warehouse/test/support/engine.ts'
import { redisStore } from '../../src/redis.ts'
import { hasRedis, startRedis, type RedisProcess } from '../online/redis-process.ts'
import {
  buildTrainingSet,
  materialize,
  openCatalog,
  openLmdbStore,
  openMemoryStore,
  openOnlineReader,
  type AnyFeatureService,
  type Catalog,
  type FeatureStatus,
  type OnlineStore,
} from '../../src/index.ts'
import { vectorFields, type ViewPlan } from '../../src/plan/view-plan.ts'
import { agree } from '../oracle/exact/agree.ts'
import { loadMart, rowsOf, spineBatch } from '../oracle/mart-tables.ts'
import { featureRow } from '../oracle/oracle.ts'
import { servedTime } from '../oracle/clock.ts'
import { valueOf, type OracleMart } from '../oracle/mart.ts'
import type { Row, Value } from '../oracle/row.ts'
import { DAYS, spineRow, START } from '../oracle/random-mart.ts'
import { buildService, FIRST, HOUR, LAST, loadScores, mart, serviceChoice } from './random-service.ts'

const runs = runsOf(6)
const onlineRuns = runsOf(3)
const keys = [
  { region: 'r', site_id: 11 },
  { region: 'r1', site_id: 1 },
  { region: 'r', site_id: 1 },
  { region: '', site_id: -5 },
  { region: 'nobody', site_id: 0 },
]

let warehouse: Warehouse
let folder: string
let lmdb: OnlineStore
let server: RedisProcess | undefined
let redis: OnlineStore | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-parity-'))
  warehouse = await openTestWarehouse()
  lmdb = openLmdbStore({ path: join(folder, 'online') })
  if (!hasRedis) return
  server = await startRedis()
  // The instants of these tests are long past: rows are kept so that a reader can say OUTSIDE_MAX_AGE of them.
  redis = await redisStore({ url: server.url, keepLonger: 2n ** 60n })
})
afterAll(async () => {
  await lmdb.close()
  await redis?.close()
  await server?.remove()
  await warehouse.close()
  await rm(folder, { recursive: true })
})

let catalogs = 0

/** A feature store in which nothing has been materialized. */
async function afresh(work: (catalog: Catalog) => Promise<void>): Promise<void> {
  for (const schema of ['features', 'features_internal', 'ml'])
    await warehouse.run(sql`DROP SCHEMA IF EXISTS ${sql.id(schema)} CASCADE`)
  await using catalog = await openCatalog({ path: join(folder, `catalog-${++catalogs}.db`) })
  await work(catalog)
}

const plansOf = (service: AnyFeatureService): readonly ViewPlan[] => service.plan.views.map(({ view }) => view)

describe('training sets', () => {
  test(
    'from feature tables equal those from facts, however the tables came to be',
    { timeout: 6_000 * runs + 60_000 },
    async () => {
      const cuts = fc.uniqueArray(fc.integer({ min: 0, max: DAYS * 24 }), { maxLength: 2 })
      await fc.assert(
        fc.asyncProperty(
          mart,
          serviceChoice,
          fc.array(spineRow, { minLength: 1, maxLength: 90 }),
          cuts,
          fc.integer({ min: 20, max: 400 }),
          (given, choice, spine, hours, instants) =>
            afresh(async (catalog) => {
              const service = buildService(choice)
              await loadMart(warehouse, given.facts, given.contracts)
              await loadScores(warehouse, given.scores)
              const views = plansOf(service)
              for (const [i, now] of [
                ...hours.toSorted((a, b) => a - b).map((hour) => BigInt(START + hour * HOUR)),
                LAST,
              ].entries()) {
                await materialize({
                  warehouse,
                  catalog,
                  views,
                  quality: false,
                  now,
                  chunk: { instants },
                  ...(i === 0 ? { from: FIRST } : {}),
                })
              }
              const options = { warehouse, service, catalog, spine: { rows: spineBatch(spine) }, time: 'at' }
              const fromFacts = rowsOf(await (await buildTrainingSet({ ...options, from: 'facts' })).read())
              const set = await buildTrainingSet({ ...options, from: 'materialized' })
              const fromTables = rowsOf(await set.read())
              expect(fromTables.length).toBe(spine.length)
              for (const [i, row] of fromTables.entries()) {
                expect({ region: row['region'], site_id: row['site_id'], at: row['at'] }).toEqual(spine[i])
                for (const name of set.features)
                  agree(row[name] ?? null, fromFacts[i]?.[name] ?? null, `${name} of spine row ${i}`)
              }
            }),
        ),
        { numRuns: runs },
      )
    },
  )
})

const openRedis = (): OnlineStore => {
  if (redis === undefined) throw new Error('the Redis store was not opened')
  return redis
}
// On another engine only what the warehouse computes can differ.
const others =
  testEngine === 'duckdb'
    ? [
        ['LMDB', () => lmdb, onlineRuns] as const,
        ...(hasRedis ? [['Redis', openRedis, Math.ceil(onlineRuns / 5)] as const] : []),
      ]
    : []
const stores = [['memory', () => openMemoryStore(), onlineRuns] as const, ...others]

describe.each(stores)('online from %s', (_, open, numRuns) => {
  test(
    'answers at t what the training set holds for t, statuses included',
    { timeout: 8_000 * onlineRuns + 60_000 },
    async () => {
      const nows = fc.uniqueArray(
        fc.oneof(
          fc.integer({ min: 0, max: (DAYS + 1) * 24 }).map((hour) => hour * HOUR),
          fc.integer({ min: 0, max: DAYS * 86_400 }).map((second) => second * 1_000_000 - 1),
        ),
        { minLength: 1, maxLength: 3 },
      )
      await fc.assert(
        fc.asyncProperty(
          mart,
          serviceChoice,
          nows,
          fc.integer({ min: 20, max: 400 }),
          (given, choice, times, instants) =>
            afresh(async (catalog) => {
              const service = buildService(choice)
              const oracle = {
                tables: {
                  ...(await loadMart(warehouse, given.facts, given.contracts)).tables,
                  'mart.scores': given.scores,
                },
              }
              await loadScores(warehouse, given.scores)
              const views = plansOf(service)
              const online = open()
              for (const view of views) await online.clear(view.name)
              for (const [i, t] of times
                .toSorted((a, b) => a - b)
                .map((offset) => START + offset)
                .entries()) {
                await materialize({
                  warehouse,
                  catalog,
                  online,
                  views,
                  quality: false,
                  now: BigInt(t),
                  chunk: { instants },
                  ...(i === 0 ? { from: FIRST } : {}),
                })
                const vectors = await openOnlineReader({ service: service.plan, store: online }).read(keys, {
                  now: BigInt(t),
                })
                const set = await buildTrainingSet({
                  warehouse,
                  service,
                  spine: { rows: spineBatch(keys.map((key) => ({ ...key, at: t }))) },
                  time: 'at',
                })
                const offline = rowsOf(await set.read())
                for (const [row, key] of keys.entries()) {
                  for (const [field, { name, view: viewName, feature }] of vectorFields(service.plan).entries()) {
                    const view = views.find((one) => one.name === viewName)
                    if (view === undefined) throw new Error(viewName)
                    const where = `${name} of ${JSON.stringify(key)} at ${new Date(t / 1000).toISOString()}`
                    const value = vectors.value(row, field)
                    agree(typeof value === 'bigint' ? Number(value) : value, offline[row]?.[name] ?? null, where)
                    const expected = expectedStatus(oracle, view, feature, key, t)
                    expect(vectors.status(row, field), where).toBe(expected.status)
                    if (expected.time !== undefined)
                      expect(vectors.featureTime(row, views.indexOf(view)), where).toBe(BigInt(expected.time))
                  }
                }
              }
            }),
        ),
        { numRuns },
      )
    },
  )
})

/** What the rules of time say about one feature: from the oracle, not from either reader. */
function expectedStatus(
  oracle: OracleMart,
  view: ViewPlan,
  feature: string,
  key: Row,
  t: number,
): { readonly status: FeatureStatus; readonly time?: number } {
  if (view.source?.kind === 'precomputed') {
    const rows = (oracle.tables['mart.scores'] ?? []).filter(
      (row) =>
        row['region'] === key['region'] &&
        row['site_id'] === key['site_id'] &&
        Number(row['computed_at']) + view.delay <= t &&
        row['loaded_at'] !== null &&
        Number(row['loaded_at']) <= t,
    )
    const newest = rows
      .toSorted(
        (a, b) =>
          Number(a['computed_at']) - Number(b['computed_at']) || Number(a['loaded_at']) - Number(b['loaded_at']),
      )
      .at(-1)
    if (newest === undefined) return { status: 'NOT_FOUND' }
    const time = Number(newest['computed_at'])
    if (view.ttl !== null && t - time > view.ttl) return { status: 'OUTSIDE_MAX_AGE', time }
    return { status: presence(newest[feature] ?? null), time }
  }
  const time = servedTime(view, t)
  const row = featureRow(oracle, view, key, time)
  return row === null ? { status: 'NOT_FOUND' } : { status: presence(valueOf(row[feature] ?? null)), time }
}

function presence(value: Value): FeatureStatus {
  return value === null ? 'NULL_VALUE' : 'PRESENT'
}
