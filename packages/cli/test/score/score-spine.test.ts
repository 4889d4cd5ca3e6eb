import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  applyDefinitions,
  entity,
  everyGrid,
  fact,
  featureService,
  featureView,
  materialize,
  onDemand,
  openCatalog,
  openMemoryStore,
  planDefinitions,
  precomputed,
  request,
  type AnyFeatureService,
  type Catalog,
  type OnlineStore,
  type Spine,
} from '@martlet/feature-store'
import { folderArtifacts, linearRegressionOnnx, openRegistry, type Registry } from '@martlet/registry'
import { serving, type ServingApp } from '@martlet/serving'
import { columnBatch, openDuckDb, rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { scoreSpine, type ScoreOptions, type Scores } from '../../src/index.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), reads: z.int() },
  entities: [customer],
  eventTime: 'ts',
})
const use = featureView('use', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '7d'),
    reads: f.sum('reads').lifetime(),
    peak: f.max('kwh').over('1d'),
  }),
})
const fare = onDemand('fare', {
  of: [use.pick('kwh_1d')],
  request: request({ km: z.number(), seats: z.int().optional() }),
  version: '1',
  output: { cost: z.number().nullable() },
  compute: ({ features, request: { km, seats } }) => ({
    cost: features.use__kwh_1d === null ? null : features.use__kwh_1d / km + (seats ?? 0),
  }),
})
const service = featureService('usage', [use.pick('kwh_7d', 'reads', 'peak_1d').default({ peak_1d: 77 }), fare])

const offers = featureView('offers', {
  of: customer,
  from: precomputed('mart.offers', {
    columns: { customer_id: z.string(), at: z.date(), tariff: z.string(), orders: z.number(), kwh: z.number() },
    entity: customer,
    time: 'at',
  }),
  every: '1d',
  features: (f) => ({ tariff: f.column('tariff'), orders: f.column('orders'), kwh: f.column('kwh') }),
})
const offered = featureService('offers', [offers])

const NOW = BigInt(Date.UTC(2024, 5, 30, 12)) * 1000n
const DAYS = 60
const IDS = Array.from({ length: 40 }, (_, i) => `c${String(i).padStart(2, '0')}`)

let folder: string
let warehouse: Warehouse
let catalog: Catalog
let online: OnlineStore
let registry: Registry
let app: ServingApp
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-score-'))
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  // Each customer reads at another rhythm, some not at all.
  await warehouse.run(sql`
    CREATE TABLE mart.usage AS
    SELECT 'c' || lpad(CAST(c AS VARCHAR), 2, '0') AS customer_id, TIMESTAMP '2024-05-01' + to_hours(h * (1 + c)) AS ts,
      ((h * 7919 + c * 104729) % 1000) / 7.0::DOUBLE AS kwh, 9007199254740993 + h AS reads
    FROM range(38) k(c), range(${DAYS * 24}) r(h)
    WHERE h * (1 + c) < ${sql.lit(DAYS * 24)}
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.offers AS SELECT * FROM (VALUES
      ('c00', TIMESTAMP '2024-06-01', 'gold', 1.0, 2.0), ('c01', TIMESTAMP '2024-06-01', 'platinum', 1.0, 1.0),
      ('c02', TIMESTAMP '2024-06-01', 'gold', 3.0, 4.0)) v(customer_id, "at", tariff, orders, kwh)
  `)
  catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  online = openMemoryStore()
  registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })
  await apply(service, offered)
  const features = ['use__kwh_7d', 'use__reads', 'use__peak_1d', 'fare__cost']
  await registry.register({
    model: 'usage',
    onnx: linearRegressionOnnx({ features, weights: [0.1, 1e-15, 0.3, -2], bias: 5, impute: [1, 2, 3, 4] }),
    service: service.plan,
    goldenRows: {
      inputs: [[1, 2, 3, 4]],
      outputs: { prediction: [-2] },
      tolerance: { absolute: 1e-3, relative: 1e-3 },
    },
    actor: 'trainer',
  })
  await registry.setAlias('usage', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
  await registerOffers()
  await materialize({ warehouse, catalog, online, views: [use, offers], now: NOW, actor: 'test' })
  app = serving({ catalog, registry, online, onDemand: service.onDemand, auth: 'none', now: () => NOW })
  await app.start()
})
afterAll(async () => {
  await app.close()
  await online.close()
  await catalog.close()
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

/** A scikit-learn pipeline that cannot do without a tariff, and fails on those that it was not trained on. */
async function registerOffers(): Promise<void> {
  const fixtures = new URL('../../../registry/test/fixtures/', import.meta.url)
  const { strict }: { readonly strict: { rows: [string, number, number][]; probabilities: number[][] } } = JSON.parse(
    await readFile(new URL('expected.json', fixtures), 'utf8'),
  )
  await registry.register({
    model: 'leaves',
    onnx: await readFile(new URL('strict-columns.onnx', fixtures)),
    service: offered.plan,
    inputs: { offers__tariff: 'tariff', offers__orders: 'orders', offers__kwh: 'kwh' },
    goldenRows: {
      inputs: strict.rows,
      outputs: { output_probability: strict.probabilities },
      tolerance: { absolute: 1e-6, relative: 0 },
    },
    actor: 'trainer',
  })
  await registry.setAlias('leaves', 'champion', 1, { expect: null, reason: 'test', actor: 'tester' })
}

async function apply(...services: readonly AnyFeatureService[]): Promise<void> {
  await applyDefinitions(catalog, await planDefinitions(catalog, services, { missing: 'keep' }), { allowRebuild: true })
}

const trips = (id: string) => ({ km: 1 + Number(id.slice(1)), ...(id < 'c20' ? { seats: 2 } : {}) })
const spineOf = (ids: readonly string[], at = NOW): Spine => ({
  rows: columnBatch({
    customer_id: { type: 'text', values: ids },
    at: { type: 'timestamp', values: ids.map(() => at) },
    km: { type: 'double', values: ids.map((id) => trips(id).km) },
    seats: { type: 'bigint', values: ids.map((id) => trips(id).seats ?? null) },
  }),
})
const score = (table: string, options: Partial<ScoreOptions>): Promise<Scores> =>
  scoreSpine({
    warehouse,
    catalog,
    registry,
    model: { model: 'usage', version: 'champion' },
    service,
    spine: spineOf(IDS),
    time: 'at',
    into: { table },
    actor: 'test',
    ...options,
  })
const read = async (table: string) =>
  rowsOf<Record<string, unknown>>(await warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY spine_row`))

async function predicted(model: string, ids: readonly string[], brought: boolean): Promise<readonly unknown[]> {
  const body = { keys: ids.map((id) => ({ customer_id: id })), ...(brought ? { request: ids.map(trips) } : {}) }
  const answer = await app.request(`/v1/models/${model}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(text)
  return z
    .object({ rows: z.array(z.object({ prediction: z.unknown() })) })
    .parse(JSON.parse(text))
    .rows.map(({ prediction }) => prediction)
}

describe('scores', () => {
  test.each(['facts', 'materialized', 'tiles'] as const)(
    'are what online predictions are, to the bit, with values of requests and nobody known (from %s)',
    async (from) => {
      const made = await score('scores.now', { from })
      const rows = await read('scores.now')
      expect(rows.map((row) => row['customer_id'])).toEqual(IDS)
      expect(rows.map(({ prediction }) => ({ prediction }))).toEqual(await predicted('usage', IDS, true))
      // Two customers have no readings, and several features of others differ.
      expect(new Set(rows.map((row) => row['prediction'])).size).toBeGreaterThan(30)
      expect(made).toMatchObject({ rows: 40, refused: 0, chunks: 1, resumed: 0 })
      expect(made.manifest).toMatchObject({
        model: 'usage',
        version: 1,
        sha256: (await registry.resolve('usage', 1)).artifact.sha256,
        definitions: { use: use.plan.hash, fare: fare.plan.hash },
        outputs: [{ name: 'prediction', type: 'double' }],
        from,
      })
    },
  )

  test('of rows that the model refuses are null, and of others what they are online', async () => {
    const spine: Spine = {
      rows: columnBatch({
        customer_id: { type: 'text', values: ['c02', 'c01', 'nobody', 'c00'] },
        at: { type: 'timestamp', values: [NOW, NOW, NOW, NOW] },
      }),
    }
    const made = await score('scores.leaves', { model: { model: 'leaves', version: 1 }, service: offered, spine })
    expect(made).toMatchObject({ rows: 4, refused: 2 })
    const rows = await read('scores.leaves')
    const [second, first] = await predicted('leaves', ['c02', 'c00'], false)
    const outputs = ({ spine_row: _, customer_id: id, at: __, ...row }: Record<string, unknown>) => [id, row]
    const flat = (prediction: unknown) => {
      const { output_label: label, output_probability: shares } = z
        .object({ output_label: z.string(), output_probability: z.array(z.number()) })
        .parse(prediction)
      return [label, ...shares]
    }
    expect(rows.map(outputs).map(([id, row]) => [id, ...Object.values(row ?? {})])).toEqual([
      ['c02', ...flat(second)],
      ['c01', ...flat(second).map(() => null)],
      ['nobody', ...flat(second).map(() => null)],
      ['c00', ...flat(first)],
    ])
    // Classes name their columns.
    expect(made.manifest.outputs.map(({ name }) => name).slice(0, 2)).toEqual([
      'output_label',
      expect.stringMatching(/^output_probability_/),
    ])
    const nobody = {
      rows: columnBatch({ customer_id: { type: 'text', values: ['x'] }, at: { type: 'timestamp', values: [NOW] } }),
    }
    await expect(
      score('scores.none', { model: { model: 'leaves', version: 1 }, service: offered, spine: nobody }),
    ).rejects.toMatchObject({ code: 'NOTHING_SCORED' })
  })

  test('of a grid are the same in one chunk and in many, in a table and in a file', async () => {
    const spine = gridSpine()
    const whole = await score('scores.whole', { spine })
    const parts = await score('scores.parts', { spine, chunkRows: 37 })
    expect(parts).toMatchObject({ rows: whole.rows, chunks: Math.ceil(whole.rows / 37), resumed: 0 })
    const rows = await read('scores.whole')
    expect(await read('scores.parts')).toEqual(rows)
    expect(rows.map((row) => row['spine_row'])).toEqual(rows.map((_, i) => i))
    const file = join(folder, 'scores.parquet')
    await score('unused', { spine, into: { parquet: file }, chunkRows: 100 })
    expect(rowsOf(await warehouse.read(sql`SELECT * FROM read_parquet(${sql.lit(file)})`))).toEqual(rows)
    // Nothing is left of what the runs kept.
    expect(await leftovers()).toEqual([])
  })
})

/** Three weeks of everybody, with values of requests from a query. */
function gridSpine(): Spine {
  return { query: gridQuery }
}

const gridQuery = sql`
  SELECT 'c' || lpad(CAST(c AS VARCHAR), 2, '0') AS customer_id, TIMESTAMP '2024-06-05 07:00' + to_days(CAST(d AS INTEGER)) AS "at",
    1.0 + c AS km, c % 3 AS seats
  FROM range(21) r(d), range(20) k(c)
`

const leftovers = async () =>
  rowsOf(await warehouse.read(sql`SELECT table_name FROM duckdb_tables() WHERE schema_name = 'scores_internal'`))

describe('a run', () => {
  test('that was stopped continues: finished chunks are not computed again', async () => {
    const spine = gridSpine()
    await score('scores.whole', { spine })
    const stop = new AbortController()
    const first = score('scores.stopped', {
      spine,
      chunkRows: 100,
      signal: stop.signal,
      onProgress: ({ done }) => done === 2 && stop.abort(),
    })
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await warehouse.introspect('scores.stopped')).toBeUndefined()
    const steps = new Set<string>()
    const second = await score('scores.stopped', {
      spine,
      chunkRows: 100,
      onProgress: ({ step }) => steps.add(step.slice(0, 8)),
    })
    expect(second).toMatchObject({ chunks: 5, resumed: 2 })
    expect([...steps].filter((step) => step.startsWith('chunk'))).toEqual(['chunk 3:', 'chunk 4:', 'chunk 5:'])
    expect(await read('scores.stopped')).toEqual(await read('scores.whole'))
    expect(await leftovers()).toEqual([])
  })

  test('of something else into the same place begins anew, and so does one that is told to', async () => {
    const spine = gridSpine()
    const stopped = async (): Promise<void> => {
      const stop = new AbortController()
      const onProgress: ScoreOptions['onProgress'] = ({ done }) => done === 1 && stop.abort()
      await expect(score('scores.again', { spine, chunkRows: 100, signal: stop.signal, onProgress })).rejects.toThrow(
        'was stopped by its signal',
      )
    }
    await stopped()
    expect(await score('scores.again', { spine, chunkRows: 200 })).toMatchObject({ chunks: 3, resumed: 0 })
    await stopped()
    expect(await score('scores.again', { spine, chunkRows: 100, restart: true })).toMatchObject({
      chunks: 5,
      resumed: 0,
    })
    await stopped()
    expect(await score('scores.again', { spine, chunkRows: 100 })).toMatchObject({ chunks: 5, resumed: 1 })
    expect(await leftovers()).toEqual([])
  })

  test('whose rows are others by now, under the same name, begins anew', async () => {
    await warehouse.run(sql`CREATE TABLE mart.asked AS SELECT * FROM (${gridQuery}) given`)
    const spine = { table: 'mart.asked' }
    const stopped = async (): Promise<void> => {
      const stop = new AbortController()
      const onProgress: ScoreOptions['onProgress'] = ({ done }) => done === 2 && stop.abort()
      await expect(score('scores.moved', { spine, chunkRows: 100, signal: stop.signal, onProgress })).rejects.toThrow(
        'was stopped by its signal',
      )
    }
    await stopped()
    await warehouse.run(sql`UPDATE mart.asked SET km = km + 1 WHERE customer_id = 'c19'`)
    expect(await score('scores.moved', { spine, chunkRows: 100 })).toMatchObject({ chunks: 5, resumed: 0 })
    const once = await read('scores.moved')
    await stopped()
    // The same rows in another order are the same rows.
    await warehouse.run(
      sql`CREATE OR REPLACE TABLE mart.asked AS SELECT * FROM mart.asked ORDER BY "at" DESC, customer_id`,
    )
    expect(await score('scores.moved', { spine, chunkRows: 100 })).toMatchObject({ chunks: 5, resumed: 2 })
    expect(await read('scores.moved')).toEqual(once)
    expect(await leftovers()).toEqual([])
  })

  test('is refused while another one goes into the same place', async () => {
    const spine = gridSpine()
    const [one, other] = await Promise.allSettled([score('scores.twice', { spine }), score('scores.twice', { spine })])
    expect([one.status, other.status].toSorted()).toEqual(['fulfilled', 'rejected'])
    const refused = one.status === 'rejected' ? one : other
    expect(refused).toMatchObject({ reason: { code: 'LEASE_HELD' } })
    expect(String(refused.status === 'rejected' && refused.reason)).toContain(
      'Scores of scores.twice are being computed by test',
    )
  })

  test('uses the definitions that the model was trained on', async () => {
    const before = await score('scores.before', {})
    const changed = featureView('use', {
      of: customer,
      from: usage,
      every: '1d',
      delay: '6h',
      features: (f) => ({
        kwh: f
          .sum('kwh')
          .where((r) => r.kwh.gt(100))
          .over('1d', '7d'),
        reads: f.sum('reads').lifetime(),
        peak: f.max('kwh').over('1d'),
      }),
    })
    // A model keeps the default that it was trained with, too.
    const picked = changed.pick('kwh_7d', 'reads', 'peak_1d').default({ peak_1d: 1000 })
    const now = featureService('usage', [picked, fareOf(changed)])
    const after = await score('scores.after', { service: now })
    expect(after.manifest.definitions).toEqual(before.manifest.definitions)
    expect(await read('scores.after')).toEqual(await read('scores.before'))
    const other = featureService('usage', [use.pick('kwh_7d', 'reads')])
    await expect(score('scores.after', { service: other })).rejects.toMatchObject({
      code: 'MODEL_SERVICE_CHANGED',
      message: expect.stringContaining('service usage no longer has use__peak_1d'),
    })
  })

  test.each<readonly [string, Partial<ScoreOptions>, string]>([
    [
      'a spine without values of requests',
      { spine: everyGrid({ of: use, from: '2024-06-01', to: '2024-06-03', every: '1d' }) },
      'BAD_SPINE',
    ],
    ['a spine with the name of an output', { spine: named('prediction') }, 'NAME_CLASH'],
    ['a spine with the name that chunks have', { spine: named('Chunk__of') }, 'BAD_SPINE'],
    ['a spine with the name that numbers of rows have', { spine: named('score__row') }, 'BAD_SPINE'],
    ['a fact as the place', { into: { table: 'mart.Usage' } }, 'BAD_TARGET'],
    ['a feature table as the place', { into: { table: 'features.use' } }, 'BAD_TARGET'],
    ['chunks of nothing', { chunkRows: 0 }, 'USAGE'],
    ['a model that is not there', { model: { model: 'nothing', version: 'champion' } }, 'MODEL_NOT_FOUND'],
    ['an alias that is not there', { model: { model: 'usage', version: 'best' } }, 'ALIAS_NOT_FOUND'],
    ['a place that cannot be written', { into: { parquet: join(tmpdir(), 'no/such/x.parquet') } }, 'FILE_NOT_WRITABLE'],
  ])('refuses %s', async (_, options, code) => {
    await expect(score('scores.refused', options)).rejects.toMatchObject({ code })
  })
})

function named(column: string): Spine {
  return {
    query: sql`SELECT 'c00' AS customer_id, TIMESTAMP '2024-06-05' AS "at", 1.0 AS km, 1 AS seats, 2 AS ${sql.id(column)}`,
  }
}

function fareOf(view: typeof use) {
  return onDemand('fare', {
    of: [view.pick('kwh_1d')],
    request: request({ km: z.number(), seats: z.int().optional() }),
    version: '1',
    output: { cost: z.number().nullable() },
    compute: ({ features, request: { km, seats } }) => ({
      cost: features.use__kwh_1d === null ? null : features.use__kwh_1d / km + (seats ?? 0),
    }),
  })
}
