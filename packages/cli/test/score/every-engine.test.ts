import { mkdtemp, rm } from 'node:fs/promises'
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
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  planDefinitions,
  type Catalog,
  type OnlineStore,
  type Spine,
} from '@martlet/feature-store'
import { folderArtifacts, linearRegressionOnnx, loadModel, openRegistry, type Registry } from '@martlet/registry'
import { columnBatch, ensureTable, rowsOf, sql, tableRef, type ColumnInput, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { scoreSpine, type ScoreOptions, type Scores } from '../../src/index.ts'

const HOUR = 3_600_000
const START = Date.UTC(2024, 5, 1)
const NOW = BigInt(START + 10 * 24 * HOUR) * 1000n

const meter = entity('meter', { meter: z.string() })
const readings = fact('mart.readings', {
  columns: { meter: z.string(), ts: z.date(), kwh: z.number(), reads: z.int() },
  entities: [meter],
  eventTime: 'ts',
})
const use = featureView('use', {
  of: meter,
  from: readings,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), reads: f.sum('reads').lifetime() }),
})
const service = featureService('usage', [use])

let folder: string
let warehouse: Warehouse
let catalog: Catalog
let online: OnlineStore
let registry: Registry
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-score-'))
  warehouse = await openTestWarehouse()
  const rows = Array.from({ length: 10 * 24 }, (_, i) => ({ hour: i, id: ['a', 'b', 'c'][i % 3] ?? '' }))
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await fill('mart.readings', {
    meter: { type: 'text', values: rows.map(({ id }) => id) },
    ts: { type: 'timestamp', values: rows.map(({ hour }) => new Date(START + hour * HOUR)) },
    kwh: { type: 'double', values: rows.map(({ hour }) => ((hour * 7919) % 100) / 7) },
    reads: { type: 'bigint', values: rows.map(({ hour }) => 9_007_199_254_740_993n + BigInt(hour)) },
  })
  catalog = await openCatalog({ path: join(folder, 'catalog.sqlite') })
  online = openMemoryStore()
  registry = await openRegistry({ db: catalog.db, artifacts: folderArtifacts(join(folder, 'artifacts')) })
  await applyDefinitions(catalog, await planDefinitions(catalog, [service]))
  await registry.register({
    model: 'usage',
    onnx: linearRegressionOnnx({
      features: ['use__kwh_1d', 'use__kwh_7d', 'use__reads'],
      weights: [0.1, 0.01, 1e-18],
      bias: 5,
      impute: [1, 2, 3],
    }),
    service: service.plan,
    goldenRows: { inputs: [[10, 100, 0]], outputs: { prediction: [7] }, tolerance: { absolute: 1e-3, relative: 0 } },
    actor: 'trainer',
  })
  await materialize({ warehouse, catalog, online, views: [use], now: NOW, actor: 'test' })
})
afterAll(async () => {
  await online.close()
  await catalog.close()
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

async function fill(table: string, columns: Readonly<Record<string, ColumnInput>>): Promise<void> {
  await ensureTable(warehouse, {
    table,
    columns: Object.entries(columns).map(([name, { type }]) => ({ name, type })),
  })
  await warehouse.append(table, columnBatch(columns))
}

const score = (table: string, spine: Spine, options: Partial<ScoreOptions> = {}): Promise<Scores> =>
  scoreSpine({
    warehouse,
    catalog,
    registry,
    model: { model: 'usage', version: 1 },
    service,
    spine,
    time: 'at',
    into: { table },
    actor: 'test',
    ...options,
  })
const read = async (table: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY spine_row`))

test('scores of now are what the model answers to online vectors', async () => {
  const ids = ['b', 'nobody', 'a', 'c']
  await score('scores.now', {
    rows: columnBatch({
      meter: { type: 'text', values: ids },
      at: { type: 'timestamp', values: ids.map(() => NOW) },
    }),
  })
  const vectors = await openOnlineReader({ service: service.plan, store: online }).read(
    ids.map((id) => ({ meter: id })),
    { now: NOW },
  )
  await using model = await loadModel(registry, { model: 'usage', version: 1 })
  const { prediction } = await model.predictVectors(vectors)
  const rows = await read('scores.now')
  expect(rows.map((row) => [row['meter'], row['prediction']])).toEqual(ids.map((id, i) => [id, prediction?.data[i]]))
})

test('a stopped run continues, and gives what one that was not stopped gives', async () => {
  const spine = everyGrid({ of: use, from: '2024-06-02', to: '2024-06-11', every: '12h' })
  const whole = await score('scores.whole', spine)
  expect(whole).toMatchObject({ rows: 18 * 3, chunks: 1, resumed: 0, refused: 0 })
  const stop = new AbortController()
  const stopped = score('scores.parts', spine, {
    chunkRows: 20,
    signal: stop.signal,
    onProgress: ({ done }) => done === 1 && stop.abort(),
  })
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  expect(await score('scores.parts', spine, { chunkRows: 20 })).toMatchObject({ rows: 54, chunks: 3, resumed: 1 })
  expect(await read('scores.parts')).toEqual(await read('scores.whole'))
  const file = join(folder, 'scores.parquet')
  expect(await score('unused', spine, { into: { parquet: file } })).toMatchObject({ rows: 54 })
})
