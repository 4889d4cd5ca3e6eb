import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  buildTrainingSet,
  featureService,
  featureView,
  materialize,
  openCatalog,
  type Catalog,
  type TrainingSetOptions,
} from '../../src/index.ts'
import {
  customer,
  customerUsage,
  nextDay,
  openMart,
  refusal,
  scoreView,
  service,
  spineOf,
  tariffs,
  usage,
} from './training-marts.ts'

let warehouse: Warehouse
let catalog: Catalog
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-training-'))
  warehouse = await openMart()
  catalog = await openCatalog({ path: join(folder, 'catalog.db') })
})
afterEach(async () => {
  await catalog.close()
  await warehouse.close()
  await rm(folder, { recursive: true })
})

const spine = spineOf(['a', '2024-01-10T12:00:00'], ['b', '2024-01-12T05:59:59'], ['nobody', '2024-01-11T00:00:00'])
const build = (options: Partial<TrainingSetOptions> = {}) =>
  buildTrainingSet({ warehouse, service, spine, time: 'at', from: 'materialized', ...options })
const rows = async (options: Partial<TrainingSetOptions> = {}) => rowsOf(await (await build(options)).read())
const run = (now: string, more: object = {}) =>
  materialize({ warehouse, catalog, views: [customerUsage], quality: false, now, ...more })

describe.each(['with the catalog', 'without a catalog'] as const)('a training set from feature tables, %s', (known) => {
  const options = (): Partial<TrainingSetOptions> => (known === 'with the catalog' ? { catalog } : {})

  test('equals one from facts', async () => {
    await run('2024-01-20T06:00Z')
    const more = { ...options(), labels: [nextDay] }
    expect(await rows(more)).toEqual(await rows({ ...more, from: 'facts' }))
  })

  test('needs the tables to be there', async () => {
    expect(await refusal(build(options()))).toMatchObject({
      code: 'NOT_MATERIALIZED',
      message:
        'View customer_usage cannot be read from its feature table: table features.customer_usage does not exist. ' +
        "Materialize customer_usage first, or build the training set with from: 'facts'.",
      data: { view: 'customer_usage', table: 'features.customer_usage' },
    })
  })

  test('refuses a spine that goes beyond the newest feature time, and says which one is needed', async () => {
    await run('2024-01-11T06:00Z')
    const error = await refusal(
      build({ ...options(), spine: spineOf(['a', '2024-01-10T12:00:00'], ['a', '2024-01-12T06:00:00']) }),
    )
    expect(error).toMatchObject({ code: 'NOT_MATERIALIZED', data: { needed: '2024-01-12T00:00:00.000000Z' } })
    expect(error.message).toMatch(/the spine needs 2024-01-12\. Materialize customer_usage up to there/)
    // One microsecond earlier the row of January 11 is served.
    expect(await rows({ ...options(), spine: spineOf(['a', '2024-01-12T05:59:59.999']) })).toHaveLength(1)
  })

  test('refuses a spine that begins before the oldest feature time, when the facts do', async () => {
    await run('2024-01-20T06:00Z', { from: '2024-01-10' })
    const error = await refusal(build({ ...options(), spine: spineOf(['a', '2024-01-05T12:00:00']) }))
    expect(error).toMatchObject({ code: 'NOT_MATERIALIZED', data: { needed: '2024-01-05T00:00:00.000000Z' } })
    expect(error.message).toMatch(/with from: '2024-01-05'/)
    await run('2024-01-20T06:00Z', { from: '2024-01-02' })
    expect(await rows({ ...options(), spine: spineOf(['a', '2024-01-05T12:00:00']) })).toMatchObject([
      { customer_usage__kwh_1d: 24 },
    ])
  })

  test('takes a spine that begins before the first fact: there is nothing to be had', async () => {
    await run('2024-01-20T06:00Z')
    const early = { ...options(), spine: spineOf(['a', '2023-06-01T00:00:00'], ['a', '2024-01-05T12:00:00']) }
    const found = await rows(early)
    expect(found.map((row) => row['customer_usage__kwh_1d'])).toEqual([null, 24])
    expect(found).toEqual(await rows({ ...early, from: 'facts' }))
  })

  test('refuses rows of a definition with other features', async () => {
    await run('2024-01-20T06:00Z')
    const changed = featureView('customer_usage', {
      of: customer,
      from: usage,
      every: '1d',
      delay: '6h',
      features: (f) => ({ peak: f.max('kwh').over('7d') }),
    })
    expect(await refusal(build({ ...options(), service: featureService('s', [changed]) }))).toMatchObject({
      code: 'MATERIALIZED_OTHERWISE',
      data: { view: 'customer_usage' },
    })
  })
})

test('a population without rows before the first fact is not taken for nothing', async () => {
  const present = featureView('present', {
    of: customer,
    from: usage,
    every: '1d',
    population: tariffs,
    features: (f) => ({ n: f.count().over('1d') }),
  })
  await warehouse.run(
    sql`UPDATE mart.tariffs SET valid_from = ${warehouse.leaves.timestamp(Date.UTC(2023, 11, 1) * 1000)}`,
  )
  await materialize({ warehouse, catalog, views: [present], quality: false, now: '2024-01-20' })
  const options = { service: featureService('s', [present]), catalog, spine: spineOf(['a', '2023-12-15T00:00:00']) }
  expect(await refusal(build(options))).toMatchObject({
    code: 'NOT_MATERIALIZED',
    data: { needed: '2023-12-15T00:00:00.000000Z' },
  })
  expect(await rows({ ...options, from: 'facts' })).toMatchObject([{ present__n_1d: 0 }])
})

test('a definition that computes other values under the same names is known by the catalog', async () => {
  await run('2024-01-20T06:00Z')
  const changed = featureView('customer_usage', {
    of: customer,
    from: usage,
    every: '1d',
    delay: '6h',
    features: (f) => ({
      kwh: f
        .sum('kwh')
        .where((r) => r.paid.eq(true))
        .over('1d', '7d'),
      n: f.count().over('7d'),
      tariff: f.attribute(tariffs, 'tariff'),
    }),
  })
  const error = await refusal(build({ service: featureService('s', [changed]), catalog }))
  expect(error).toMatchObject({ code: 'MATERIALIZED_OTHERWISE' })
  expect(error.message).toMatch(/Materialize it again, or build the training set with from: 'facts'/)
})

test('a ttl, which only readers apply, needs no new rows', async () => {
  await run('2024-01-20T06:00Z')
  const { plan } = customerUsage
  const aged = {
    ...service.plan,
    views: service.plan.views.map((one) => ({ ...one, view: { ...plan, ttl: 86_400_000_000, hash: 'with ttl' } })),
  }
  expect(
    await rows({ catalog, service: aged, spine: spineOf(['a', '2024-01-11T00:00:00'], ['a', '2024-01-11T00:00:01']) }),
  ).toMatchObject([{ customer_usage__kwh_1d: 24 }, { customer_usage__kwh_1d: null }])
})

test('a run that was cancelled has written nothing that counts', async () => {
  const stop = new AbortController()
  await refusal(
    run('2024-01-20T06:00Z', {
      signal: stop.signal,
      chunk: { instants: 5 },
      onProgress: ({ type }: { readonly type: string }) => type === 'chunk' && stop.abort(),
    }),
  )
  expect(await refusal(build({ catalog }))).toMatchObject({
    code: 'NOT_MATERIALIZED',
    message: expect.stringContaining('has no rows of a finished run'),
  })
})

test('precomputed views are read from their own table, and need no feature table', async () => {
  await run('2024-01-20T06:00Z')
  const both = featureService('both', [customerUsage, scoreView])
  const found = await rows({ service: both, catalog })
  expect(found.map((row) => row['scores__score'])).toEqual([0.5, null, null])
  expect(found).toEqual(await rows({ service: both, from: 'facts' }))
})

test('facts that are gone do not matter once features are materialized, but those of labels do', async () => {
  await run('2024-01-20T06:00Z')
  const before = await rows({ catalog })
  await warehouse.run(sql`DROP TABLE mart.usage`)
  expect(await rows({ catalog })).toEqual(before)
  expect(await refusal(build({ catalog, labels: [nextDay] }))).toMatchObject({
    code: 'SOURCE_MISSING',
    data: { definition: 'label next_day_kwh' },
  })
})

test('a feature table with two rows for one key and time is refused, and the old set is kept', async () => {
  await run('2024-01-20T06:00Z')
  await build({ catalog })
  await warehouse.run(sql`INSERT INTO features.customer_usage SELECT * FROM features.customer_usage`)
  expect(await refusal(build({ catalog, spine: spineOf(['a', '2024-01-10T12:00:00']) }))).toMatchObject({
    code: 'SPINE_ROWS_CHANGED',
    data: { written: 2, rows: 1 },
  })
  expect(rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n FROM training.next_day`))).toEqual([{ n: 3 }])
})
