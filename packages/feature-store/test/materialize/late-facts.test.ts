import { join } from 'node:path'
import { sql } from 'kysely'
import { rowsOf, tableRef, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { openCatalog } from '../../src/catalog/catalog.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { fact } from '../../src/define/sources/fact.ts'
import type { MaterializeEvent } from '../../src/materialize/events.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import type { CheckResult } from '../../src/quality/finding.ts'
import { findingText } from '../../src/quality/finding.ts'
import { listQualityResults } from '../../src/quality/store-results.ts'
import { append, customer, tableRows, usage } from './energy.ts'
import { createTable } from './late-facts.ts'
import { inPlace, type Place } from './in-place.ts'
import { openSite } from './site.ts'

const daily = featureView('daily', {
  of: customer,
  from: usage,
  every: '1d',
  repair: '1d',
  features: (f) => ({
    kwh: f.sum('kwh').lifetime(),
    readings: f.count().lifetime(),
    values: f.distinct('kwh').lifetime(),
  }),
})
const weekly = featureView('weekly', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('2d') }),
})

async function january(warehouse: Warehouse, from: number, to: number, kwh = 1, who = 1): Promise<void> {
  const days = Array.from({ length: to - from + 1 }, (_, i) => new Date(Date.UTC(2024, 0, from + i, 12)))
  await append(
    warehouse,
    days.map((at) => ({ customer: who, at, kwh })),
  )
}

async function run(
  { warehouse, catalog }: Place,
  views: readonly (typeof daily | typeof weekly)[],
  now: string,
  more: object = {},
): Promise<readonly CheckResult[]> {
  const done = await materialize({ warehouse, catalog, views, now, quality: false, ...more })
  return done.flatMap(({ findings }) => findings)
}

async function last(warehouse: Warehouse, view: typeof daily | typeof weekly): Promise<unknown> {
  return (await tableRows(warehouse, view)).at(-1)
}

test('a fact later than repair is in every row that is first written after it, and rows before it are a finding with its repair', () =>
  inPlace(async (place) => {
    const { warehouse, catalog } = place
    await createTable(warehouse)
    await january(warehouse, 1, 9)
    expect(await run(place, [daily], '2024-01-10')).toEqual([])
    await january(warehouse, 10, 11)
    await january(warehouse, 3, 3, 100)
    const events: MaterializeEvent[] = []
    const [finding, ...others] = await run(place, [daily], '2024-01-12', {
      onProgress: (event: MaterializeEvent) => events.push(event),
    })
    expect(await last(warehouse, daily)).toMatchObject({
      feature_time: new Date('2024-01-12'),
      kwh: 111,
      readings: 12,
      values: 2,
    })
    expect(others).toEqual([])
    expect(finding).toMatchObject({ view: 'daily', check: 'changed', severity: 'warn', count: 1, example: 'c1' })
    expect(findingText(finding ?? expect.fail())).toBe(
      'warn mart.fact_usage: has changed since rows of features.daily were written; ' +
        '`martlet materialize daily --from 2024-01-04` writes those again that may differ: 1 tile of 1 entity changed, ' +
        'for example c1',
    )
    expect(events.filter(({ type }) => type === 'quality')).toEqual([
      expect.objectContaining({ view: 'daily', warnings: 1, errors: 0, findings: [finding] }),
    ])
    expect(await listQualityResults(catalog.db, { view: 'daily', findings: true })).toEqual([
      expect.objectContaining({ check_name: 'changed', table_name: 'mart.fact_usage', count: 1, example: 'c1' }),
    ])
    // The query shows the rows from before the fact arrived, except those that repair has written again.
    expect(rowsOf(await warehouse.read(sql`${sql.raw(finding?.query ?? '')} ORDER BY feature_time`))).toEqual(
      Array.from({ length: 6 }, (_, i) => expect.objectContaining({ readings: 3 + i, kwh: 3 + i })),
    )
    // It stays until the rows are written again.
    expect(await run(place, [daily], '2024-01-13')).toMatchObject([{ check: 'changed', count: 1 }])
    expect(await run(place, [daily], '2024-01-14', { from: '2024-01-05' })).toMatchObject([{ check: 'changed' }])
    expect(await run(place, [daily], '2024-01-15', { from: '2024-01-04' })).toEqual([])
    expect(await run(place, [daily], '2024-01-16')).toEqual([])
    expect((await tableRows(warehouse, daily)).map((row) => row['kwh'])).toEqual(
      Array.from({ length: 15 }, (_, i) => Math.min(i + 1, 11) + (i + 2 >= 4 ? 100 : 0)),
    )
  }))

test('facts of an entity that are all deleted are in no new row, and its rows before are a finding', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createTable(warehouse)
    await january(warehouse, 1, 9)
    await january(warehouse, 1, 9, 4.1, 2)
    await run(place, [daily, weekly], '2024-01-10')
    await january(warehouse, 10, 11)
    await warehouse.run(sql`DELETE FROM ${tableRef(usage.plan.table)} WHERE customer_id = 'c2'`)
    const findings = await run(place, [daily, weekly], '2024-01-12')
    const rows = (await tableRows(warehouse, daily)).filter(({ customer_id: id }) => id === 'c2')
    // January 10 lies within repair.
    expect(rows.map((row) => row['feature_time'])).toEqual(
      Array.from({ length: 8 }, (_, i) => new Date(Date.UTC(2024, 0, 2 + i))),
    )
    expect(findings.map(({ view, count, example, message }) => [view, count, example, message])).toEqual([
      ['daily', 1, 'c2', expect.stringContaining('daily --from 2024-01-02` writes')],
      ['weekly', 1, 'c2', expect.stringContaining('weekly --from 2024-01-02` writes')],
    ])
    expect(await run(place, [daily, weekly], '2024-01-13', { from: '2024-01-02' })).toEqual([])
    expect((await tableRows(warehouse, weekly)).some(({ customer_id: id }) => id === 'c2')).toBe(false)
  }))

test('only the windows that hold a changed tile count, and a view that another run materializes is told in its own', () =>
  inPlace(async (place) => {
    const { warehouse, catalog } = place
    await createTable(warehouse)
    await january(warehouse, 1, 20)
    await applyDefinitions(catalog, await planDefinitions(catalog, [daily, weekly]))
    await run(place, [daily, weekly], '2024-01-20')
    await january(warehouse, 5, 5, 7)
    await warehouse.run(
      sql`UPDATE ${tableRef(usage.plan.table)} SET kwh = 0 WHERE ts = ${warehouse.leaves.timestamp(toMicros('2024-01-12T12:00Z'))}`,
    )
    const [weeks] = await run(place, [weekly], '2024-01-21')
    expect([weeks?.message, weeks?.query]).toEqual([
      expect.stringContaining('weekly --from 2024-01-06` writes those again that may differ: 2 tiles of 1 entity'),
      expect.any(String),
    ])
    const shown = rowsOf<{ feature_time: Date }>(
      await warehouse.read(sql`${sql.raw(weeks?.query ?? '')} ORDER BY feature_time`),
    )
    expect(shown.map((row) => row.feature_time.toISOString().slice(8, 10))).toEqual(['06', '07', '13', '14'])
    const [days] = await run(place, [daily], '2024-01-21')
    expect(days?.message).toContain('daily --from 2024-01-06`')
  }))

test('an entity is there from its first fact on, so rows beyond all windows differ when that changes', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createTable(warehouse)
    await january(warehouse, 1, 19)
    await january(warehouse, 3, 3, 1, 3)
    await january(warehouse, 12, 12, 1, 4)
    await run(place, [weekly], '2024-01-20')
    const times = async (finding: CheckResult | undefined): Promise<readonly number[]> => {
      const shown = await warehouse.read(
        sql`SELECT DISTINCT feature_time FROM (${sql.raw(finding?.query ?? '')}) q ORDER BY 1`,
      )
      return rowsOf<{ feature_time: Date }>(shown).map((row) => row.feature_time.getUTCDate())
    }
    await warehouse.run(sql`DELETE FROM ${tableRef(usage.plan.table)} WHERE customer_id = 'c3'`)
    const [gone] = await run(place, [weekly], '2024-01-21')
    expect([gone?.example, await times(gone)]).toEqual(['c3', Array.from({ length: 17 }, (_, i) => 4 + i)])
    await run(place, [weekly], '2024-01-21', { from: '2024-01-02' })
    await january(warehouse, 5, 5, 1, 4)
    const [earlier] = await run(place, [weekly], '2024-01-22')
    // Windows of two days hold the new fact until January 7; the entity was there from January 13 on.
    expect([earlier?.example, await times(earlier)]).toEqual(['c4', Array.from({ length: 7 }, (_, i) => 6 + i)])
    const rows = (await tableRows(warehouse, weekly)).filter(({ customer_id: id }) => id === 'c4')
    expect(rows.map((row) => [row['feature_time'], row['kwh_2d']]).slice(0, 2)).toEqual([
      [new Date('2024-01-13'), 1],
      [new Date('2024-01-14'), 1],
    ])
  }))

test('a renamed view is still told of the rows that it has taken over', () =>
  inPlace(async (place) => {
    const { warehouse, catalog } = place
    const totals = featureView('totals', {
      of: customer,
      from: usage,
      every: '1d',
      renamedFrom: 'daily',
      features: (f) => ({
        kwh: f.sum('kwh').lifetime(),
        readings: f.count().lifetime(),
        values: f.distinct('kwh').lifetime(),
      }),
    })
    await createTable(warehouse)
    await january(warehouse, 1, 9)
    await applyDefinitions(catalog, await planDefinitions(catalog, [daily]))
    await run(place, [daily], '2024-01-10')
    await january(warehouse, 3, 3, 100)
    expect(await run(place, [daily], '2024-01-11')).toHaveLength(1)
    await applyDefinitions(catalog, await planDefinitions(catalog, [totals]))
    const done = await materialize({ ...place, views: [totals], now: '2024-01-12', quality: false })
    expect(done).toMatchObject([
      { action: 'write', findings: [{ message: expect.stringContaining('totals --from 2024-01-04`') }] },
    ])
  }))

test('two clients at once find the same changes, and each is told of its own rows', { timeout: 60_000 }, async () => {
  await using site = await openSite()
  await using warehouse = await site.open()
  await using catalog = await openCatalog({ path: join(site.path, 'catalog.db') })
  const place: Place = { warehouse, catalog, path: site.path }
  await createTable(warehouse)
  await january(warehouse, 1, 20)
  await applyDefinitions(catalog, await planDefinitions(catalog, [daily, weekly]))
  await run(place, [daily, weekly], '2024-01-20')
  await january(warehouse, 5, 5, 7)
  const found = await Promise.all(
    [daily, weekly].map((view) => run(place, [view], '2024-01-23', { chunk: { instants: 1 } })),
  )
  expect(found.map((all) => all.map(({ view, count }) => [view, count]))).toEqual([[['daily', 1]], [['weekly', 1]]])
  expect(await last(warehouse, daily)).toMatchObject({ kwh: 27, readings: 21, values: 2 })
  expect(await last(warehouse, weekly)).toMatchObject({ kwh_2d: 0 })
})

test('a finding may be an error, which stops its view before anything is written, or be switched off', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createTable(warehouse)
    await january(warehouse, 1, 9)
    await run(place, [daily], '2024-01-10')
    const before = await tableRows(warehouse, daily)
    await january(warehouse, 3, 3, 100)
    const severity = (is: string): object => ({ quality: { severity: { 'mart.fact_usage.changed': is } } })
    await expect(run(place, [daily], '2024-01-12', severity('error'))).rejects.toMatchObject({ code: 'QUALITY_FAILED' })
    expect(await tableRows(warehouse, daily)).toEqual(before)
    expect((await run(place, [daily], '2024-01-12', severity('off'))).map(({ check }) => check)).not.toContain(
      'changed',
    )
    expect(await last(warehouse, daily)).toMatchObject({ kwh: 109, values: 2 })
    expect(
      (await run(place, [daily], '2024-01-12', { ...severity('error'), from: '2024-01-04' })).map(({ check }) => check),
    ).not.toContain('changed')
    await expect(
      run(place, [daily], '2024-01-13', { quality: { severity: { 'mart.fact_usage.chagned': 'error' } } }),
    ).rejects.toMatchObject({ code: 'QUALITY_OVERRIDE_UNKNOWN' })
  }))

test('views that do not use stored tiles are computed from the facts: arrival times, values and rows', () =>
  inPlace(async (place) => {
    const { warehouse } = place
    await createTable(warehouse, ['arrived'])
    const known = fact('mart.fact_usage', {
      columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), arrived: z.date() },
      entities: [customer],
      eventTime: 'ts',
      knownAt: 'arrived',
    })
    const arrival = featureView('arrival', {
      of: customer,
      from: known,
      every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').lifetime(), values: f.distinct('kwh').lifetime() }),
    })
    const newest = featureView('newest', {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({
        last: f.sum('kwh').overLast(3),
        values: f.distinct('kwh').over('30d'),
        readings: f.count().over('30d'),
      }),
    })
    const add = async (at: string, kwh: number, arrived: string): Promise<void> => {
      const instants = [toMicros(at), toMicros(arrived)].map((one) => warehouse.leaves.timestamp(one))
      await warehouse.run(
        sql`
          INSERT INTO ${tableRef(usage.plan.table)} (customer_id, ts, kwh, arrived)
          VALUES ('c1', ${instants[0]}, ${kwh}, ${instants[1]})
        `,
      )
    }
    const views = [arrival, newest]
    for (const date of ['01', '02', '03']) await add(`2024-01-${date}T12:00Z`, 1, `2024-01-${date}T13:00Z`)
    const options = { ...place, views, quality: false } as const
    await materialize({ ...options, now: '2024-01-04' })
    await add('2024-01-02T18:00Z', 100, '2024-01-04T12:00Z')
    const done = await materialize({ ...options, now: '2024-01-05' })
    expect((await tableRows(warehouse, arrival)).map(({ kwh, values }) => [kwh, values])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
      [103, 2],
    ])
    expect((await tableRows(warehouse, newest)).at(-1)).toMatchObject({
      last_last3: 102,
      values_30d: 2,
      readings_30d: 4,
    })
    // A row with arrival times says for ever what was known at its time.
    expect(done.map(({ view, findings }) => [view, findings.map(({ check }) => check)])).toEqual([
      ['arrival', []],
      ['newest', ['changed']],
    ])
    // The values that differ change no moment of a tile, only which facts it is of.
    await materialize({ ...options, now: '2024-01-05', from: '2024-01-01' })
    await warehouse.run(sql`UPDATE ${tableRef(usage.plan.table)} SET kwh = 1.5 WHERE kwh = 1`)
    const [, again] = await materialize({ ...options, now: '2024-01-06' })
    expect(again?.findings).toMatchObject([
      { check: 'changed', message: expect.stringContaining('--from 2024-01-02`') },
    ])
  }))
