import type { Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { compareArrays, profileReference, runDrift } from '../../src/index.ts'
import type { ProfiledColumn } from '../../src/index.ts'
import { columnResult, compareTables, double, findingsOf, metricOf, now, tableOf } from '../tables.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const repeated = (values: readonly number[], times: number): readonly number[] => Array.from({ length: times }, () => values).flat()
const psiOf = (reference: readonly number[], current: readonly number[]) => compareArrays(reference, current).metrics.find(({ metric }) => metric === 'psi')?.value
const ksOf = (reference: readonly number[], current: readonly number[]) => compareArrays(reference, current).metrics.find(({ metric }) => metric === 'ks')?.value

describe('values that differ from an edge by rounding', () => {
  const float = (value: number): number => Math.fround(value)
  const cases: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ['sums: 0.1 + 0.2 for 0.3', [0.3, 0.6], [0.1 + 0.2, 0.6]],
    ['FLOAT for DOUBLE', [0.1, 0.3, 0.7, 1.1], [0.1, 0.3, 0.7, 1.1].map(float)],
    ['DOUBLE for FLOAT', [0.1, 0.3, 0.7, 1.1].map(float), [0.1, 0.3, 0.7, 1.1]],
    ['differences that should be 0', [0, 0.3, 0.6, -0.3], [0.1 + 0.2 - 0.3, 0.3, 0.6, -0.3]],
    ['negative', [-0.3, -0.6], [-(0.1 + 0.2), -0.6]],
    ['large', [1e12 + 0.1, 2e12], [1e12 + 0.1 + 2 ** -13, 2e12]],
    ['one value', [0.3], [float(0.3)]],
  ]
  it.each(cases)('%s: no change', async (_, reference, current) => {
    expect(psiOf(repeated(reference, 100), repeated(current, 100))).toBe(0)
    expect(ksOf(repeated(reference, 100), repeated(current, 100))).toBe(0)
    for (const exact of [false, true]) {
      const policy = { exact: exact ? 'always' : 'never' } as const
      const { result } = await compareTables(warehouse, { x: double(repeated(reference, 100)) }, { x: double(repeated(current, 100)) }, policy, exact)
      expect(metricOf(columnResult(result, 'x'), 'psi').value).toBe(0)
      expect(metricOf(columnResult(result, 'x'), 'ks').value).toBe(0)
    }
  })

  it('a FLOAT column is no other column than the DOUBLE it was cast from', async () => {
    const values = sql`SELECT CASE WHEN i % 3 = 0 THEN 0.3 WHEN i % 3 = 1 THEN 0.7 ELSE i / 1000.0 END AS v FROM range(3000) AS t(i)`
    const profile = await profileReference(warehouse, { name: 'p', relation: sql`SELECT CAST(v AS DOUBLE) AS x FROM (${values}) AS s`, columns: [{ name: 'x', type: 'double' }], now })
    const result = await runDrift({ warehouse, profile, current: { relation: sql`SELECT CAST(v AS FLOAT) AS x FROM (${values}) AS s` }, now, record: false })
    expect(metricOf(columnResult(result, 'x'), 'psi').value).toBeLessThan(1e-6)
    expect(metricOf(columnResult(result, 'x'), 'ks').value).toBe(0)
  })

  it('what differs by more than rounding is still another value', () => {
    expect(psiOf(repeated([0.3, 0.6], 100), repeated([0.3001, 0.6], 100))).toBeGreaterThan(1)
    // whole numbers far beyond 2^24, as codes and days are
    expect(ksOf(repeated([20_260_101], 100), repeated([20_260_102], 100))).toBe(1)
    expect(ksOf(repeated([1_700_000_000, 1_700_000_001], 100), repeated([1_700_000_001], 200))).toBe(0.5)
    // a column whose values differ in late digits only
    const late = Array.from({ length: 1024 }, (_, i) => 1e9 + i / 1024)
    expect(ksOf(late, late.map((value) => value + 1 / 8))).toBe(1 / 8)
    expect(psiOf(late, late.map((value) => value + 1 / 8))).toBeGreaterThan(0.1)
    // numbers next to 0 in a column with large ones
    expect(ksOf([...repeated([0, 1e-9], 400), 1e6], [...repeated([1e-9, 1e-9], 400), 1e6])).toBeCloseTo(400 / 801, 9)
  })
})

describe('codes', () => {
  const codes = ['1', '2', '30']
  const rows = (type: string) => sql`SELECT CAST(CASE WHEN i % 3 = 0 THEN 1 WHEN i % 3 = 1 THEN 2 ELSE 30 END AS ${sql.raw(type)}) AS code FROM range(300) AS t(i)`
  const typed: readonly (readonly [ProfiledColumn['type'], string])[] = [['integer', 'INTEGER'], ['bigint', 'BIGINT'], ['double', 'DOUBLE'], [{ decimal: [9, 2] }, 'DECIMAL(9, 2)']]
  const pairs = typed.flatMap(([then, thenSql]) => typed.map(([, nowSql]) => ({ then, thenSql, nowSql })))
  it.each(pairs)('$thenSql in the reference, $nowSql now: the same values', async ({ then, thenSql, nowSql }) => {
    const profile = await profileReference(warehouse, { name: 'p', relation: rows(thenSql), columns: [{ name: 'code', type: then, as: 'category' }], now })
    const [column] = profile.columns
    expect(column?.kind === 'category' ? column.top.map(({ value }) => value).toSorted() : []).toEqual(codes)
    const result = await runDrift({ warehouse, profile, current: { relation: rows(nowSql) }, now, record: false })
    expect(result).toMatchObject({ status: 'ok', severity: 'none' })
    expect(result.windows[0]?.findings).toEqual([])
  })

  it('profiles that were stored with 1.0 read on; fractions, non-finite and great numbers keep their own text', async () => {
    const profile = await profileReference(warehouse, { name: 'p', relation: rows('DOUBLE'), columns: [{ name: 'code', type: 'double', as: 'category' }], now })
    const stored = { ...profile, columns: profile.columns.map((column) => (column.kind === 'category' ? { ...column, top: column.top.map(({ value, count }) => ({ value: `${value}.0`, count })) } : column)) }
    const result = await runDrift({ warehouse, profile: stored, current: { relation: rows('INTEGER') }, now, record: false })
    expect(result.windows[0]?.findings).toEqual([])
    const odd = sql`SELECT CAST(x AS DOUBLE) AS code FROM (VALUES ('0.5'), ('-0.0'), ('1e300'), ('NaN'), ('Infinity'), ('-7'), (NULL)) AS t(x)`
    const [column] = (await profileReference(warehouse, { name: 'odd', relation: odd, columns: [{ name: 'code', type: 'double', as: 'category' }], now })).columns
    const shown = column?.kind === 'category' ? column.top.map(({ value }) => value) : []
    expect(shown).toHaveLength(6)
    expect(shown).toEqual(expect.arrayContaining(['0.5', '0', '-7']))
  })

  it('codes that become text are one finding, and nothing else is said of the column', async () => {
    const profile = await profileReference(warehouse, { name: 'p', relation: rows('INTEGER'), columns: [{ name: 'code', type: 'integer', as: 'category' }], now })
    const result = await runDrift({ warehouse, profile, current: { relation: rows('VARCHAR') }, now, record: false })
    expect(result.windows[0]?.findings.map(({ kind }) => kind)).toEqual(['typeChange'])
  })
})

describe('names that differ in case', () => {
  const columns = [{ name: 'KWH', type: 'double' }, { name: 'Tariff', type: 'text' }, { name: 'Seen', type: 'timestamp' }] as const
  const rows = (kwh: string, tariff: string, at: string) =>
    sql`SELECT i / 100.0 AS ${sql.id(kwh)}, CASE WHEN i % 2 = 0 THEN 'day' ELSE 'night' END AS ${sql.id(tariff)}, TIMESTAMP '2026-01-01' + to_minutes(i) AS ${sql.id(at)} FROM range(600) AS t(i)`

  it('a profile made as KWH is compared with kwh, in windows, exactly, and can be counted again', async () => {
    const reference = rows('kwh', 'tariff', 'seen')
    const profile = await profileReference(warehouse, { name: 'p', relation: reference, columns, time: 'SEEN', now })
    const windows = [{ from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-01T10:00:00Z') }]
    const table = await tableOf(warehouse, {
      kwh: double(Array.from({ length: 600 }, (_, i) => i / 100 + 3)), tariff: { type: 'text', values: Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? 'day' : 'night')) },
      seen: { type: 'timestamp', values: Array.from({ length: 600 }, (_, i) => new Date(Date.parse('2026-01-01T00:00:00Z') + i * 60_000)) },
    })
    const result = await runDrift({ warehouse, profile, current: { relation: table, time: 'Seen' }, windows, reference, policy: { exact: 'always' }, now, record: false })
    expect(result.windows[0]?.findings).toEqual([])
    expect(result.windows[0]?.rows).toBe(600)
    expect(metricOf(columnResult(result, 'KWH'), 'ks').value).toBeCloseTo(0.5, 2)
    expect(columnResult(result, 'Tariff').status).toBe('ok')
    expect(result.lookAt).toEqual(['KWH'])
    const again = await warehouse.read(sql.raw(result.sql[0]?.sql ?? ''))
    expect(again.rows).toBeGreaterThan(1)
  })

  it('views of feature tables, too', async () => {
    const profile = await profileReference(warehouse, { name: 'p', relation: rows('usage__KWH', 't', 's'), columns: [{ name: 'usage__KWH', type: 'double' }], rowKind: 'trainingSet', now })
    const table = await tableOf(warehouse, { Feature_Time: { type: 'timestamp', values: Array.from({ length: 600 }, () => now) }, kwh: double(Array.from({ length: 600 }, (_, i) => i / 100)) })
    const result = await runDrift({ warehouse, profile, current: { featureTable: table, view: 'usage' }, now, record: false })
    expect(result.windows[0]?.findings).toEqual([])
    expect(columnResult(result, 'usage__KWH').status).toBe('ok')
  })
})

describe('a window without rows', () => {
  it('is one finding, however many columns cannot be seen', async () => {
    const names = Array.from({ length: 22 }, (_, i) => `f${i}`)
    const full = sql`SELECT ${sql.join(names.map((name) => sql`i AS ${sql.id(name)}`))} FROM range(100) AS t(i)`
    const profile = await profileReference(warehouse, { name: 'p', relation: full, columns: names.map((name) => ({ name, type: 'integer' as const })), now })
    const result = await runDrift({ warehouse, profile, current: { relation: sql`SELECT 1 AS other WHERE FALSE` }, now, record: false })
    expect(result).toMatchObject({ status: 'no_data', severity: 'none', exitCode: 3, sentence: 'No rows in this window.' })
    expect(findingsOf(result).map(({ kind, severity }) => ({ kind, severity }))).toEqual([{ kind: 'noRows', severity: 'info' }])
    const few = await runDrift({ warehouse, profile, current: { relation: sql`SELECT 1 AS other` }, now, record: false })
    expect(findingsOf(few).filter(({ kind }) => kind === 'missingColumn')).toHaveLength(22)
  })
})
