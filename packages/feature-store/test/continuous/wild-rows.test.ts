import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { columnBatch, openDuckDb, sql } from '@martlet/warehouse'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  buildTrainingSet,
  entity,
  fact,
  featureService,
  featureView,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
} from '../../src/index.ts'
import { disagreement } from '../oracle/exact/agree.ts'
import { cellOf, comparable } from './parity-run.ts'

const account = entity('account', { account_id: z.string() })
const entries = fact('mart.wild', {
  columns: {
    account_id: z.string(),
    at: z.date(),
    arrived_at: z.date().nullable(),
    x: z.number().nullable(),
    n: z.int().nullable(),
  },
  entities: [account],
  eventTime: 'at',
  knownAt: 'arrived_at',
})
const named = (name: string, clock: 'wall' | 'newest event') =>
  featureView(name, {
    of: account,
    from: entries,
    every: 'continuous',
    clock,
    features: (f) => ({
      events: f.count().over('1h'),
      sum: f.sum('x').over('1h'),
      sum_all: f.sum('x').lifetime(),
      mean: f.mean('x').over('1h'),
      mean_all: f.mean('x').lifetime(),
      spread: f.stddev('x').over('1h'),
      spread_all: f.stddev('x').lifetime(),
      variance: f.variance('x').over('1h'),
      largest: f.max('x').over('1h'),
      first: f.first('x'),
      last: f.last('x'),
      whole: f.sum('n').over('1h'),
      whole_all: f.sum('n').lifetime(),
      whole_mean: f.mean('n').over('1h'),
      share: f.ratio(f.sum('x'), f.sum('n')).over('1h'),
    }),
  })
const service = featureService('wild', [named('by_wall', 'wall'), named('by_event', 'newest event')])

const NOW = new Date('2026-01-20T12:00:00Z')
const EARLY = '2026-01-20 09:31:00'
const LATE = '2026-01-20 11:31:00'
const NEVER = '9999-12-31 23:59:59.999999'
/** Whose, when, since when, and x. */
const ROWS: readonly (readonly [string, string, string | null, string])[] = [
  ['beyond', LATE, LATE, '1e308'],
  ['beyond', LATE, LATE, '1e308'],
  ['there and back', EARLY, EARLY, '1e308'],
  ['there and back', EARLY, EARLY, '1e308'],
  ['there and back', EARLY, EARLY, '-1e308'],
  ['there and back', LATE, LATE, '5'],
  ['squares beyond', LATE, LATE, '1e200'],
  ['squares beyond', LATE, LATE, '3e200'],
  ['squares below', LATE, LATE, '1e-200'],
  ['squares below', LATE, LATE, '3e-200'],
  ['smallest', LATE, LATE, '5e-324'],
  ['smallest', LATE, LATE, '1e-323'],
  ['no number', LATE, LATE, 'nan'],
  ['no number', LATE, LATE, 'inf'],
  ['no number', LATE, LATE, '1'],
  ['never arrived', LATE, null, '1'],
  ['before 1970', '1969-01-20 11:31:00', '1960-01-20 11:31:00', '1'],
  ['year 1', '0001-01-01 00:00:00', '0001-01-01 00:00:00', '1'],
  ['far', NEVER, NEVER, '1'],
  ['far', LATE, NEVER, '1'],
  ['endless', 'infinity', 'infinity', '1'],
  ['endless', LATE, 'infinity', '1'],
  ['endless', '-infinity', LATE, '3'],
  ['always', LATE, '-infinity', '4'],
  ['at the start', '2026-01-20 11:00:00', EARLY, '4'],
  ['before the start', '2026-01-20 10:59:59.999999', EARLY, '4'],
  ['now', '2026-01-20 12:00:00', '2026-01-20 12:00:00', '4'],
  ['just now', '2026-01-20 11:59:59.999999', '2026-01-20 12:00:00', '4'],
]

test('bases of wild values and times give what training sets give', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-wild-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await using warehouse = await openDuckDb()
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await using online = openMemoryStore()
  const values = ROWS.map((row) => sql`(${sql.join(row.map((value) => sql`${value}`))})`)
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.wild AS
    SELECT a AS account_id, CAST(t AS TIMESTAMP) AS "at", CAST(k AS TIMESTAMP) AS arrived_at, CAST(x AS DOUBLE) AS x,
      CAST(CASE WHEN a = 'beyond' THEN 9223372036854775807 ELSE 9007199254740993 END AS BIGINT) AS n
    FROM (VALUES ${sql.join(values)}) v(a, t, k, x)
  `)
  const views = service.plan.views.map(({ view }) => view)
  await materialize({ warehouse, catalog, online, views, now: NOW, allowFuture: true, quality: false })
  const names = [...new Set(ROWS.map(([name]) => name))]
  const now = BigInt(NOW.getTime()) * 1000n
  const keys = names.map((account_id) => ({ account_id }))
  const vectors = await openOnlineReader({ service: service.plan, store: online }).read(keys, { now })
  const rows = columnBatch({
    account_id: { type: 'text', values: names },
    t: { type: 'timestamp', values: names.map(() => now) },
  })
  const set = await buildTrainingSet({ warehouse, service, spine: { rows }, time: 't', into: 'training.wild' })
  const trained = await set.read()
  const differences = vectors.fields.flatMap(({ name }, field) => {
    const column = trained.columns[trained.names.indexOf(name)]
    if (column === undefined) throw new Error(`the training set has no column ${name}`)
    return names.flatMap((of, row) => {
      const problem = disagreement(comparable(vectors.value(row, field)), comparable(cellOf(column, row)))
      return problem === undefined ? [] : [`${name} of ${of}: ${problem}`]
    })
  })
  expect(differences).toEqual([])
  expect(names.filter((_, row) => vectors.status(row, 0) === 'NOT_FOUND')).toEqual([
    'never arrived',
    'far',
    'endless',
    'now',
  ])
})
