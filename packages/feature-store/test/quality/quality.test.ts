import { sql } from 'kysely'
import { rowsOf, type Warehouse } from '@martlet/warehouse'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { listRuns } from '../../src/catalog/runs.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { checkView } from '../../src/quality/check-view.ts'
import { findingText } from '../../src/quality/finding.ts'
import { listQualityResults } from '../../src/quality/store-results.ts'
import { createMart, customer, customerUsage, errorCode } from '../materialize/energy.ts'
import { inPlace } from '../materialize/in-place.ts'
import { replaceTable } from '../oracle/mart-tables.ts'
import type { Row } from '../oracle/row.ts'

const meter = entity('meter', { meter_id: z.string() })
const readings = fact('mart.readings', {
  columns: {
    meter_id: z.string(),
    ts: z.date(),
    kwh: z.number().min(0).max(100),
    loss: z.number().positive().lt(1).nullable(),
    reads: z.int(),
    tariff: z.enum(['day', 'night']),
    code: z.string().min(2).max(4).nullable(),
    serial: z
      .string()
      .regex(/^[A-Z]\d+$/)
      .nullable(),
    cost: z.number(),
  },
  entities: [meter],
  eventTime: 'ts',
})
const meters = dimension('mart.meters', {
  columns: { meter_id: z.string(), site: z.string(), since: z.date(), until: z.date().nullable() },
  entity: meter,
  validFrom: 'since',
  validTo: 'until',
})
const view = featureView('meter_use', {
  of: meter,
  from: readings,
  every: '1h',
  features: (f) => ({ kwh: f.sum('kwh').over('1d'), site: f.attribute(meters, 'site') }),
})
const now = toMicros('2024-01-02')
const everything = { from: null, to: null, now }

interface Reading {
  meter_id?: string | null
  ts?: string | null
  kwh?: string | null
  loss?: string | null
  reads?: string | null
  tariff?: string | null
  code?: string | null
  serial?: string | null
  cost?: string | null
}
const good: Required<Reading> = {
  meter_id: 'm1',
  ts: '2024-01-01 23:00',
  kwh: '1.5',
  loss: '0.5',
  reads: '3',
  tariff: 'day',
  code: 'abc',
  serial: 'A17',
  cost: '2',
}

const READINGS = {
  meter_id: 'text',
  ts: 'timestamp',
  kwh: 'double',
  loss: 'double',
  reads: 'double',
  tariff: 'text',
  code: 'text',
  serial: 'text',
  cost: 'double',
} as const
const METERS = { meter_id: 'text', site: 'text', since: 'timestamp', until: 'timestamp' } as const
const meterRow: Row = { meter_id: 'm1', site: 'north', since: micros('2020-01-01'), until: null }

async function fill(warehouse: Warehouse, rows: readonly Reading[], more: readonly Row[] = []): Promise<void> {
  // Every other row differs in its minute, so that none is a duplicate by accident.
  const filled = [{}, ...rows].map((row: Reading, minute): Row => {
    const { ts, ...values } = { ...good, ts: `2024-01-01 23:${String(minute).padStart(2, '0')}`, ...row }
    const numbers = Object.fromEntries(
      (['kwh', 'loss', 'reads', 'cost'] as const).map((name) => [
        name,
        values[name] === null ? null : Number(values[name]),
      ]),
    )
    return { ...values, ...numbers, ts: ts === null ? null : micros(ts) }
  })
  await replaceTable(warehouse, 'mart.readings', READINGS, filled)
  await replaceTable(warehouse, 'mart.meters', METERS, [meterRow, ...more])
}

function micros(text: string): number {
  return Number(toMicros(text.includes(' ') ? `${text.replace(' ', 'T')}Z` : text))
}

/** Examples are texts as the engine prints numbers and times. */
const number = (text: string): string => (testEngine === 'duckdb' ? text : text.replace(/\.0$/, ''))
const time = (text: string): string => (testEngine === 'duckdb' ? text : `${text}.000000`)

describe('checks', () => {
  let warehouse: Warehouse
  beforeAll(async () => {
    warehouse = await openTestWarehouse()
    return () => warehouse.close()
  })

  const found = async (rows: readonly Reading[], range: Parameters<typeof checkView>[2] = everything) => {
    await fill(warehouse, rows)
    return (await checkView(warehouse, view, range)).findings.map(findingText)
  }

  test.for<[name: string, rows: readonly Reading[], finding: readonly string[]]>([
    ['nothing is wrong', [{}], []],
    [
      'a null in a column that must not be',
      [{ cost: null }],
      ['error mart.readings.cost: is null, though declared not to be in 1 of 2 rows'],
    ],
    ['a null where nulls are allowed', [{ loss: null, code: null, serial: null }], []],
    [
      'below the least',
      [{ kwh: '-1' }, { kwh: '-3' }],
      [`error mart.readings.kwh: is not at least 0 and at most 100 in 2 of 3 rows, for example ${number('-1.0')}`],
    ],
    [
      'above the most',
      [{ kwh: '100.5' }],
      ['error mart.readings.kwh: is not at least 0 and at most 100 in 1 of 2 rows, for example 100.5'],
    ],
    [
      'a whole number that 64 bits do not hold',
      [{ reads: '1e300' }, { reads: '9007199254740993' }],
      ['warn mart.readings.reads: does not fit bigint, and is read as missing in 1 of 3 rows, for example 1e+300'],
    ],
    ['on the bounds that belong', [{ kwh: '0' }, { kwh: '100' }], []],
    [
      'on the bounds that do not',
      [{ loss: '0' }, { loss: '1' }],
      [`error mart.readings.loss: is not above 0 and below 1 in 2 of 3 rows, for example ${number('0.0')}`],
    ],
    [
      'none of the values',
      [{ tariff: 'dusk' }],
      ['error mart.readings.tariff: is none of day, night in 1 of 2 rows, for example dusk'],
    ],
    [
      'not whole',
      [{ reads: '2.5' }],
      ['error mart.readings.reads: is not a whole number in 1 of 2 rows, for example 2.5'],
    ],
    [
      'too short and too long',
      [{ code: 'a' }, { code: 'abcde' }, { code: 'éééé' }],
      ['error mart.readings.code: is not at least 2 and at most 4 characters long in 2 of 4 rows, for example a'],
    ],
    [
      'another pattern',
      [{ serial: '17A' }],
      ['error mart.readings.serial: does not match /^[A-Z]\\d+$/ in 1 of 2 rows, for example 17A'],
    ],
    [
      'not finite',
      [{ cost: 'NaN' }, { cost: 'Infinity' }, { cost: '-Infinity' }],
      [
        'warn mart.readings.cost: is not a finite number, and is skipped by every aggregate in 3 of 4 rows, for example -inf',
      ],
    ],
    [
      'a row of nobody',
      [{ meter_id: null }],
      ['error mart.readings.meter_id: is null, so the row belongs to nobody in 1 of 2 rows'],
    ],
    [
      'a row without a time',
      [{ ts: null }],
      ['error mart.readings.ts: is null, so the row has no time in 1 of 2 rows'],
    ],
    [
      'the same row twice',
      [{ ts: '2024-01-01 22:00' }, { ts: '2024-01-01 22:00' }, { ts: '2024-01-01 22:00' }],
      [
        `warn mart.readings: has the same meter_id, ts as another row in 2 of 4 rows, for example m1 ${time('2024-01-01 22:00:00')}`,
      ],
    ],
    [
      'from the future',
      [{ ts: '2024-01-02 00:00:00.000001' }],
      [
        'warn mart.readings.ts: lies after 2024-01-02, the time of this run in 1 of 2 rows, for example 2024-01-02 00:00:00.000001',
      ],
    ],
  ])('%s', async ([, rows, findings]) => {
    expect(await found(rows)).toEqual(findings)
  })

  test('rows that stopped coming', async () => {
    expect(await found([], { ...everything, now: toMicros('2024-01-02T02:00:00Z') })).toEqual([])
    expect(await found([], { ...everything, now: toMicros('2024-01-02T02:00:00.000001Z') })).toEqual([
      'warn mart.readings.ts: has nothing newer than 2024-01-01T23:00Z, and meter_use expects rows every 1h, ' +
        'for example 2024-01-01T23:00:00.000000Z',
    ])
  })

  test('rows that stopped coming, though one of the future is there', async () => {
    const later = { ...everything, now: toMicros('2024-01-02T02:00:00.000001Z') }
    const texts = await found([{ ts: '2199-01-01 00:00' }], later)
    expect(texts.filter((text) => text.includes('nothing newer'))).toEqual([
      'warn mart.readings.ts: has nothing newer than 2024-01-01T23:00Z, and meter_use expects rows every 1h, ' +
        'for example 2024-01-01T23:00:00.000000Z',
    ])
  })

  test('no rows where some were expected', async () => {
    expect(await found([], { from: toMicros('2024-01-01T23:30:00Z'), to: null, now })).toEqual([
      'warn mart.readings: has no rows where some were expected',
    ])
  })

  test('only the rows of a range are read, but keys and times in all of them', async () => {
    await fill(warehouse, [{ ts: '2023-12-31', kwh: '-1' }, { ts: '2024-01-01 23:30', kwh: '-2' }, { ts: null }])
    const report = await checkView(warehouse, view, { from: toMicros('2024-01-01'), to: toMicros('2024-01-02'), now })
    expect(report.findings.map(findingText)).toEqual([
      'error mart.readings.ts: is null, so the row has no time in 1 of 4 rows',
      `error mart.readings.kwh: is not at least 0 and at most 100 in 1 of 2 rows, for example ${number('-2.0')}`,
    ])
    expect(report.scanned).toEqual([
      'mart.readings: 2 rows with ts from 2024-01-01 on and before 2024-01-02, and meter_id, ts in all rows',
      'mart.meters: all 1 rows',
    ])
  })

  test('the query of a finding shows the rows that fail, and needs no parameters', async () => {
    await fill(warehouse, [
      { kwh: '-1', code: 'a' },
      { serial: "o'brien" },
      { ts: '2024-01-01 22:00' },
      { ts: '2024-01-01 22:00' },
    ])
    const { findings } = await checkView(warehouse, view, everything)
    expect(findings.map(({ check }) => check)).toEqual(['range', 'length', 'pattern', 'duplicates', 'gaps'])
    for (const { query } of findings) expect((await warehouse.read(sql.raw(query))).rows).toBe(1)
  })

  test('a dimension: keys, intervals that end before they begin, and the same key twice', async () => {
    await fill(
      warehouse,
      [],
      [
        { ...meterRow, meter_id: null },
        { meter_id: 'm2', site: null, since: micros('2021-01-01'), until: micros('2020-01-01') },
        { ...meterRow, site: 'y' },
      ],
    )
    expect((await checkView(warehouse, view, everything)).findings.map(findingText)).toEqual([
      'error mart.meters.meter_id: is null, so the row belongs to nobody in 1 of 4 rows',
      'error mart.meters.site: is null, though declared not to be in 1 of 4 rows, for example null'.replace(
        ', for example null',
        '',
      ),
      `warn mart.meters: ends (until) before or when it begins (since), so it never counts in 1 of 4 ` +
        `rows, for example ${time('2021-01-01 00:00:00')} – ${time('2020-01-01 00:00:00')}`,
      `warn mart.meters: has the same meter_id, since as another row in 1 of 3 rows, for example m1 ${time('2020-01-01 00:00:00')}`,
    ])
  })

  test('a column that the table does not have is named, and the others are checked', async () => {
    await fill(warehouse, [{ kwh: '-1' }])
    await warehouse.run(sql`ALTER TABLE mart.readings DROP COLUMN serial`)
    expect((await checkView(warehouse, view, everything)).findings.map(findingText)).toEqual([
      'error mart.readings.serial: is declared, but the table has no such column',
      `error mart.readings.kwh: is not at least 0 and at most 100 in 1 of 2 rows, for example ${number('-1.0')}`,
    ])
  })

  test('an hour that a local clock shows twice comes out as duplicates', async () => {
    const clock = (i: number): number => micros('2024-10-27') + 30 * 60_000_000 * (i >= 6 ? i - 2 : i)
    await replaceTable(
      warehouse,
      'mart.local',
      { meter_id: 'text', ts: 'timestamp', kwh: 'double' },
      Array.from({ length: 50 }, (_, i) => ({ meter_id: 'm1', ts: clock(i), kwh: 1 })),
    )
    const local = fact('mart.local', {
      columns: { meter_id: z.string(), ts: z.date(), kwh: z.number() },
      entities: [meter],
      eventTime: 'ts',
      zone: 'Europe/Zurich',
    })
    const localView = featureView('local_use', {
      of: meter,
      from: local,
      every: '1d',
      features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
    })
    const { findings } = await checkView(warehouse, localView, { from: null, to: null, now: toMicros('2024-10-28') })
    expect(findings.map(({ check, count, severity }) => [check, count, severity])).toEqual([
      ['duplicates', 2, 'warn'],
      ['gaps', 2, 'warn'],
    ])
  })

  test('a table of very many columns', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `c${index}`)
    const values = names.map((name, index) => [name, index === 77 ? -1 : 1] as const)
    await replaceTable(
      warehouse,
      'mart.wide',
      { meter_id: 'text', ts: 'timestamp', ...Object.fromEntries(names.map((name) => [name, 'double' as const])) },
      [{ meter_id: 'm1', ts: micros('2024-01-01'), ...Object.fromEntries(values) }],
    )
    const wide = fact('mart.wide', {
      columns: {
        meter_id: z.string(),
        ts: z.date(),
        ...Object.fromEntries(names.map((name) => [name, z.number().nonnegative()])),
      },
      entities: [meter],
      eventTime: 'ts',
    })
    const wideView = featureView('wide_use', {
      of: meter,
      from: wide,
      every: '1d',
      features: (f) => ({ n: f.count().over('1d') }),
    })
    const report = await checkView(warehouse, wideView, { from: null, to: null, now })
    expect(report.findings.map(({ column, check }) => [column, check])).toEqual([['c77', 'range']])
  })

  test('examples can be left out', async () => {
    await fill(warehouse, [{ tariff: 'secret' }])
    const { findings } = await checkView(warehouse, view, everything, { redact: true })
    expect(findings).toEqual([expect.objectContaining({ check: 'enum', example: null })])
    expect(JSON.stringify(findings)).not.toContain('secret')
  })
})

describe('before materializing', () => {
  const now = '2024-01-21T06:00Z'
  const views = [customerUsage]
  // Its customers have steps of different lengths.
  const regular = { 'mart.fact_usage.gaps': 'off' } as const

  test('an error stops the run before anything is written', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      await warehouse.run(
        sql`UPDATE mart.fact_usage SET kwh = -1 WHERE customer_id = 'c1' AND ts < ${warehouse.leaves.timestamp(toMicros('2024-01-02'))}`,
      )
      await expect(materialize({ warehouse, catalog, views, now, quality: { severity: regular } })).rejects.toThrow(
        expect.objectContaining({
          code: 'QUALITY_FAILED',
          message: expect.stringContaining("'mart.fact_usage.kwh.range': 'warn'"),
          data: { view: 'customer_usage', findings: [expect.objectContaining({ check: 'range', count: 8 })] },
        }),
      )
      expect(await warehouse.introspect('features.customer_usage')).toBeUndefined()
      const [run] = await listRuns(catalog.db)
      expect(run).toMatchObject({ outcome: 'failed', error: expect.stringContaining('QUALITY_FAILED') })
      expect(await listQualityResults(catalog.db, { findings: true })).toEqual([
        expect.objectContaining({ run_id: run?.id, check_name: 'range', count: 8, severity: 'error' }),
      ])
      expect(
        rowsOf(
          await warehouse.read(sql`SELECT check_name, failed_rows FROM monitoring.quality_results WHERE NOT passed`),
        ),
      ).toEqual([{ check_name: 'range', failed_rows: 8 }])
      const [done] = await materialize({
        warehouse,
        catalog,
        views,
        now,
        quality: { severity: { ...regular, 'mart.fact_usage.kwh.range': 'warn' } },
      })
      expect(done).toMatchObject({
        findings: [expect.objectContaining({ check: 'range', severity: 'warn' })],
        watermark: toMicros('2024-01-22'),
      })
    }))

  test('rows that an earlier run has seen are not read again', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      await materialize({ warehouse, catalog, views, now })
      await warehouse.run(
        sql`UPDATE mart.fact_usage SET kwh = -1 WHERE ts < ${warehouse.leaves.timestamp(toMicros('2024-01-02'))}`,
      )
      const [done] = await materialize({
        warehouse,
        catalog,
        views,
        now: '2024-01-22T06:00Z',
        quality: { severity: regular },
      })
      // That they have changed is found, but not what is wrong with them.
      expect(done?.findings.map(({ check }) => check)).toEqual(['changed'])
      expect((await listQualityResults(catalog.db, { run: done?.run ?? '' })).map(({ scanned }) => scanned)).toContain(
        'mart.fact_usage: 288 rows with ts from 2024-01-18 on, and customer_id, ts in all rows',
      )
    }))

  test('an override of a check that does not exist is refused', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      expect(
        await errorCode(
          materialize({
            warehouse,
            catalog,
            views,
            now,
            quality: { severity: { 'mart.fact_usage.kwhh.range': 'warn' } },
          }),
        ),
      ).toBe('QUALITY_OVERRIDE_UNKNOWN')
    }))

  test('an override may be about a table that only other views than the last ones read', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const over = featureView('over', {
        of: customerUsage.of,
        from: customerUsage,
        every: '1d',
        features: (v) => ({ kwh: v.kwh_1d }),
        derive: (v) => ({ twice: v.kwh.mul(2) }),
      })
      const run = (key: string) =>
        materialize({
          warehouse,
          catalog,
          views: [over, customerUsage],
          now,
          quality: { severity: { [key]: 'warn' } },
        })
      expect(await errorCode(run('mart.fact_usage.kwhh.range'))).toBe('QUALITY_OVERRIDE_UNKNOWN')
      expect(await errorCode(run('features.over.twicee.fits'))).toBe('QUALITY_OVERRIDE_UNKNOWN')
      for (const key of ['mart.fact_usage.kwh.range', 'features.over.twice.fits'])
        expect((await run(key)).map(({ view: name }) => name)).toEqual(['over', 'customer_usage'])
    }))

  test('an override of freshness is not refused by a run of older rows', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const severity = { ...regular, 'mart.fact_usage.ts.freshness': 'off' } as const
      const [done] = await materialize({ warehouse, catalog, views, now, to: '2024-01-10', quality: { severity } })
      expect(done?.view).toBe('customer_usage')
    }))

  test('an override of a check of a view that others are made of is not refused when these come last', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      const standing = featureView('standing', {
        of: customer,
        from: customerUsage,
        every: '1d',
        features: (v) => ({ kwh_7d: v.kwh_7d }),
        among: (v, everybody) => ({ position: everybody.rank(v.kwh_7d) }),
      })
      const severity = { ...regular, 'mart.fact_usage.kwh.range': 'off' } as const
      const stages = { warehouse, catalog, views: [customerUsage, standing], now }
      const done = await materialize({ ...stages, quality: { severity } })
      expect(done.map(({ view }) => view)).toEqual(['customer_usage', 'standing'])
      const wrong = { ...severity, 'mart.fact_usage.kwhh.range': 'off' } as const
      expect(await errorCode(materialize({ ...stages, quality: { severity: wrong } }))).toBe('QUALITY_OVERRIDE_UNKNOWN')
    }))

  test('checks that are off are not reported', () =>
    inPlace(async ({ warehouse, catalog }) => {
      await createMart(warehouse, 20)
      await warehouse.run(sql`UPDATE mart.fact_usage SET kwh = -1`)
      const [done] = await materialize({
        warehouse,
        catalog,
        views,
        now,
        quality: { severity: { ...regular, 'mart.fact_usage.kwh.range': 'off' } },
      })
      expect(done?.findings).toEqual([])
    }))
})
