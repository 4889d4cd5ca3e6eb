import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { columnBatch, ensureTable, sql, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { CaseBook } from '../../../warehouse/test/snowflake/second-opinion/case-book.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { compileTraining } from '../../src/compile/training-sql.ts'
import {
  compileViewRows,
  entity,
  fact,
  featureService,
  featureView,
  gridInstants,
  happens,
  label,
} from '../../src/index.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { refreshMoments, sharedMoments } from '../../src/materialize/refresh-moments.ts'
import { checkView } from '../../src/quality/check-view.ts'
import { stageSpine } from '../../src/read/spine.ts'
import { changedUsage, customerUsage } from '../materialize/energy.ts'
import { loadMart, spineBatch } from '../oracle/mart-tables.ts'
import { gridOf } from '../../src/plan/view-plan.ts'
import {
  buildView,
  contractRow,
  DAYS,
  factRow,
  readings,
  site,
  spineRow,
  START,
  viewChoice,
} from '../oracle/random-mart.ts'

const DAY = 86_400_000_000n
// The same marts in every run: the list of what fakesnow does not cover names its cases.
const fixed = { seed: 20_260_101, numRuns: 12 } as const

let book: CaseBook
beforeAll(async () => {
  book = await CaseBook.open('feature-store')
})
afterAll(() => book.close())

const contracts = fc.uniqueArray(contractRow, {
  maxLength: 8,
  selector: (row) => `${row['region']}|${row['site_id']}|${row['valid_from']}`,
})
const mart = fc.record({ facts: fc.array(factRow, { minLength: 10, maxLength: 60 }), contracts })
const lookup = fc.constantFrom('dense' as const, 'sparse' as const)

const trainings = fc.sample(
  fc.record({ mart, choice: viewChoice, spine: fc.array(spineRow, { minLength: 1, maxLength: 40 }), lookup }),
  fixed,
)

it.each(trainings.map((one, index) => ({ index, ...one })))(
  'training set $index of a random mart',
  async ({ index, mart: given, choice, spine, lookup: way }) => {
    const service = featureService('random_service', [buildView(choice)])
    expect(
      await book.record(`training set ${index}`, async (warehouse) => {
        await loadMart(warehouse, given.facts, given.contracts)
        return warehouse.session(async (session) => {
          await session.run(sql`DROP TABLE IF EXISTS spine_of_case`)
          await session.run(sql`DROP TABLE IF EXISTS spine_of_case_given`)
          const staged = await stageSpine(session, { rows: spineBatch(spine) }, 'at', site.plan.keys, 'spine_of_case')
          const compiled = compileTraining(
            session.leaves,
            service.plan,
            outcomes.map(({ plan }) => plan),
            staged,
            { asOf: staged.last + 2n * DAY, from: 'facts', featureTable: () => sql``, lookup: way },
          )
          for (const statement of compiled.prepare) await session.run(statement)
          return [await session.read(sql`SELECT * FROM (${compiled.query}) q ORDER BY spine_row`)]
        })
      }),
    ).toBeGreaterThan(0)
  },
)

const outcomes = [
  label('sum', { of: site, from: readings, value: (f) => f.sum('x').ahead('1d', { gap: '1h', maturity: '12h' }) }),
  label('low', { of: site, from: readings, value: (f) => f.min('x').ahead('1d') }),
  label('event', { of: site, value: happens(readings).within('6h', { where: (r) => r.x.gt(0) }) }),
]

const rows = fc
  .sample(
    fc.record({ mart, choice: viewChoice, lookup, stored: fc.boolean(), day: fc.integer({ min: 0, max: DAYS }) }),
    fixed,
  )
  .filter(
    ({ choice, day }) =>
      gridInstants(
        gridOf(buildView(choice).plan),
        BigInt(START) + BigInt(day) * DAY,
        BigInt(START) + BigInt(day + 2) * DAY,
      ).length > 0,
  )

it.each(rows.map((one, index) => ({ index, ...one })))(
  'rows $index of a random view',
  async ({ index, mart: given, choice, lookup: way, stored, day }) => {
    const { plan } = buildView(choice)
    const from = BigInt(START) + BigInt(day) * DAY
    const to = from + 2n * DAY
    expect(
      await book.record(`view rows ${index}`, async (warehouse) => {
        await loadMart(warehouse, given.facts, given.contracts)
        return warehouse.session(async (session) => {
          const moments = stored ? sharedMoments([plan]).get(plan.name) : undefined
          if (moments !== undefined) {
            await session.run(sql`DROP SCHEMA IF EXISTS ${sql.id('features_internal')} CASCADE`)
            for (const end of [from, to]) await refreshMoments(session, moments, end, async () => {})
          }
          const compiled = compileViewRows(session, plan, { from, to }, { lookup: way, moments })
          for (const statement of compiled.prepare) await session.run(statement)
          const found = await session.read(
            sql`SELECT * FROM (${compiled.query}) q ORDER BY region, site_id, feature_time`,
          )
          for (const statement of compiled.cleanup) await session.run(statement)
          return [found]
        })
      }),
    ).toBeGreaterThan(0)
  },
)

/** Readings every two hours of three customers; values are eighths, which doubles add exactly. */
async function loadUsage(warehouse: Warehouse): Promise<void> {
  await ensureTable(warehouse, {
    table: 'mart.fact_usage',
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'ts', type: 'timestamp' },
      { name: 'kwh', type: 'double' },
    ],
  })
  const index = Array.from({ length: 3 * 12 * 25 }, (_, i) => i)
  await warehouse.append(
    'mart.fact_usage',
    columnBatch({
      customer_id: { type: 'text', values: index.map((i) => `c${i % 3}`) },
      ts: {
        type: 'timestamp',
        values: index.map((i) => new Date(Date.UTC(2024, 0, 1) + Math.floor(i / 3) * 7_200_000 + (i % 3) * 60_000)),
      },
      kwh: { type: 'double', values: index.map((i) => ((i * 7) % 50) / 8) },
    }),
  )
}

it('materializing: a first run in chunks, a later one, a range again, a changed view', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-cases-'))
  let runs = 0
  expect(
    await book.record('materialize', async (warehouse) => {
      await using catalog = await openCatalog({ path: join(folder, `catalog-${++runs}.db`) })
      await loadUsage(warehouse)
      const table = async (columns: readonly string[]) =>
        warehouse.read(
          sql`
            SELECT ${sql.join(['customer_id', 'feature_time', ...columns].map((name) => sql.id(name)))}
            FROM features.customer_usage
            ORDER BY customer_id, feature_time
          `,
        )
      await materialize({
        warehouse,
        catalog,
        views: [customerUsage],
        now: '2024-01-12T06:00Z',
        chunk: { instants: 4 },
      })
      await materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-20T06:00Z' })
      await materialize({
        warehouse,
        catalog,
        views: [customerUsage],
        now: '2024-01-20T06:00Z',
        from: '2024-01-05',
        to: '2024-01-08',
      })
      const first = await table(customerUsage.plan.features.map(({ name }) => name))
      await materialize({ warehouse, catalog, views: [changedUsage], now: '2024-01-22T06:00Z' })
      return [first, await table(changedUsage.plan.features.map(({ name }) => name))]
    }),
  ).toBeGreaterThan(0)
  await rm(folder, { recursive: true })
})

it('quality checks of keys, times, ranges, choices and gaps', async () => {
  const meter = entity('meter', { meter_id: z.string() })
  const fine = fact('mart.checked', {
    columns: {
      meter_id: z.string(),
      ts: z.date(),
      kwh: z.number().min(0).max(100),
      tariff: z.enum(['day', 'night']),
      code: z
        .string()
        .min(2)
        .max(4)
        .regex(/^[a-z]+$/)
        .nullable(),
    },
    entities: [meter],
    eventTime: 'ts',
  })
  const view = featureView('meter_use', {
    of: meter,
    from: fine,
    every: '1h',
    features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
  })
  expect(
    await book.record('quality', async (warehouse) => {
      await ensureTable(warehouse, {
        table: 'mart.checked',
        columns: [
          { name: 'meter_id', type: 'text' },
          { name: 'ts', type: 'timestamp' },
          { name: 'kwh', type: 'double' },
          { name: 'tariff', type: 'text' },
          { name: 'code', type: 'text' },
        ],
      })
      const hour = (at: number) => new Date(Date.UTC(2024, 0, 1, at))
      await warehouse.append(
        'mart.checked',
        columnBatch({
          meter_id: { type: 'text', values: ['m1', 'm1', 'm1', null, 'm2', 'm2'] },
          ts: { type: 'timestamp', values: [hour(1), hour(1), hour(30), hour(2), hour(3), null] },
          kwh: { type: 'double', values: [-1, 200, Number.NaN, null, 1, 2] },
          tariff: { type: 'text', values: ['dusk', 'day', null, 'night', 'day', 'day'] },
          code: { type: 'text', values: ['a', 'abcde', '17', null, 'ab', 'ab'] },
        }),
      )
      const { findings } = await checkView(warehouse, view, { from: null, to: null, now: toMicros('2024-01-03') })
      const texts = findings
        .map(({ column, check, count, total }) => JSON.stringify({ column, check, count, total }))
        .toSorted()
      return [columnBatch({ finding: { type: 'text', values: texts } })]
    }),
  ).toBeGreaterThan(0)
})
