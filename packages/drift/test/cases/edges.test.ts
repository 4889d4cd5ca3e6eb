import type { ColumnInput, ColumnType, Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { compareArrays, profileReference, runDrift, type MetricName } from '../../src/index.ts'
import { columnResult, compareTables, double, findingsOf, metricOf, now, tableOf } from '../tables.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const repeated = (values: readonly number[], times: number): readonly number[] =>
  Array.from({ length: times }, () => values).flat()
const valueOf = (name: MetricName, reference: readonly number[], current: readonly number[]) =>
  compareArrays(reference, current).metrics.find(({ metric }) => metric === name)?.value
const psiOf = (reference: readonly number[], current: readonly number[]) => valueOf('psi', reference, current)
const ksOf = (reference: readonly number[], current: readonly number[]) => valueOf('ks', reference, current)

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
      const [then, since] = [{ x: double(repeated(reference, 100)) }, { x: double(repeated(current, 100)) }]
      const { result } = await compareTables(warehouse, then, since, policy, exact)
      expect(metricOf(columnResult(result, 'x'), 'psi').value).toBe(0)
      expect(metricOf(columnResult(result, 'x'), 'ks').value).toBe(0)
    }
  })

  it('what differs by more than rounding is still another value', () => {
    expect(psiOf(repeated([0.3, 0.6], 100), repeated([0.3001, 0.6], 100))).toBeGreaterThan(1)
    // whole numbers far beyond 2^24, as codes and days are
    expect(ksOf(repeated([20_260_101], 100), repeated([20_260_102], 100))).toBe(1)
    expect(ksOf(repeated([1_700_000_000, 1_700_000_001], 100), repeated([1_700_000_001], 200))).toBe(0.5)
    // a column whose values differ in late digits only
    const late = Array.from({ length: 1024 }, (_, i) => 1e9 + i / 1024)
    expect(
      ksOf(
        late,
        late.map((value) => value + 1 / 8),
      ),
    ).toBe(1 / 8)
    expect(
      psiOf(
        late,
        late.map((value) => value + 1 / 8),
      ),
    ).toBeGreaterThan(0.1)
    // numbers next to 0 in a column with large ones
    expect(ksOf([...repeated([0, 1e-9], 400), 1e6], [...repeated([1e-9, 1e-9], 400), 1e6])).toBeCloseTo(400 / 801, 9)
  })
})

describe('codes', () => {
  const values = Array.from({ length: 300 }, (_, i) => [1, 2, 30][i % 3] ?? 0)
  const columnOf = (type: ColumnType): ColumnInput => {
    if (type === 'text') return { type, values: values.map(String) }
    return type === 'bigint'
      ? { type, values: values.map(BigInt) }
      : { type: type === 'double' ? 'double' : 'integer', values }
  }
  const rows = async (type: ColumnType) => {
    const table = await tableOf(warehouse, { code: columnOf(type) })
    return typeof type === 'object' ? sql`SELECT CAST(code AS DECIMAL(9, 2)) AS code FROM ${sql.table(table)}` : table
  }
  const profileOf = async (type: ColumnType) =>
    profileReference(warehouse, {
      name: 'p',
      relation: await rows(type),
      columns: [{ name: 'code', type, as: 'category' }],
      now,
    })
  const types: readonly ColumnType[] = ['integer', 'bigint', 'double', { decimal: [9, 2] }]

  const pairs = types.flatMap((then) => types.map((since) => ({ then, since })))
  it.each(pairs)('$then in the reference, $since now: the same values', async ({ then, since }) => {
    const profile = await profileOf(then)
    const [column] = profile.columns
    expect(column?.kind === 'category' ? column.top.map(({ value }) => value).toSorted() : []).toEqual(['1', '2', '30'])
    const result = await runDrift({ warehouse, profile, current: { relation: await rows(since) }, now, record: false })
    expect(result).toMatchObject({ status: 'ok', severity: 'none' })
    expect(findingsOf(result)).toEqual([])
  })

  it('profiles that were stored with 1.0 read on', async () => {
    const profile = await profileOf('double')
    const [column] = profile.columns
    if (column?.kind !== 'category') throw new Error('not a category')
    const stored = {
      ...profile,
      columns: [{ ...column, top: column.top.map(({ value, count }) => ({ value: `${value}.0`, count })) }],
    }
    const result = await runDrift({
      warehouse,
      profile: stored,
      current: { relation: await rows('integer') },
      now,
      record: false,
    })
    expect(findingsOf(result)).toEqual([])
  })

  it('fractions, non-finite and great numbers keep a text of their own', async () => {
    const table = await tableOf(warehouse, {
      code: double([0.5, -0, 1e300, Number.NaN, Number.POSITIVE_INFINITY, -7, null]),
    })
    const columns = [{ name: 'code', type: 'double', as: 'category' }] as const
    const [column] = (await profileReference(warehouse, { name: 'odd', relation: table, columns, now })).columns
    const shown = column?.kind === 'category' ? column.top.map(({ value }) => value) : []
    expect(shown).toHaveLength(6)
    expect(shown).toEqual(expect.arrayContaining(['0.5', '0', '-7']))
  })

  it('codes that become text are one finding, and nothing else is reported about the column', async () => {
    const profile = await profileOf('integer')
    const result = await runDrift({ warehouse, profile, current: { relation: await rows('text') }, now, record: false })
    expect(findingsOf(result).map(({ kind }) => kind)).toEqual(['typeChange'])
  })
})

describe('names that differ in case', () => {
  const start = Date.parse('2026-01-01T00:00:00Z')
  const profiled = [
    { name: 'KWH', type: 'double' },
    { name: 'Tariff', type: 'text' },
    { name: 'Seen', type: 'timestamp' },
  ] as const
  const rows = (shift: number): Promise<string> =>
    tableOf(warehouse, {
      kwh: double(Array.from({ length: 640 }, (_, i) => i / 64 + shift)),
      tariff: { type: 'text', values: Array.from({ length: 640 }, (_, i) => (i % 2 === 0 ? 'day' : 'night')) },
      seen: { type: 'timestamp', values: Array.from({ length: 640 }, (_, i) => new Date(start + i * 60_000)) },
    })

  it('a profile made as KWH is compared with kwh, in windows, exactly, and can be counted again', async () => {
    const reference = await rows(0)
    const profile = await profileReference(warehouse, {
      name: 'p',
      relation: reference,
      columns: profiled,
      time: 'SEEN',
      now,
    })
    const windows = [{ from: new Date(start), to: new Date(start + 640 * 60_000) }]
    const current = { relation: await rows(5), time: 'Seen' }
    const result = await runDrift({
      warehouse,
      profile,
      current,
      windows,
      reference,
      policy: { exact: 'always' },
      now,
      record: false,
    })
    expect(findingsOf(result)).toEqual([])
    expect(result.windows[0]?.rows).toBe(640)
    expect(metricOf(columnResult(result, 'KWH'), 'ks').value).toBe(0.5)
    expect(columnResult(result, 'Tariff').status).toBe('ok')
    expect(result.lookAt).toEqual(['KWH'])
    const again = await warehouse.read(sql.raw(result.sql[0]?.sql ?? ''))
    expect(again.rows).toBeGreaterThan(1)
  })

  it('views of feature tables, too', async () => {
    const values = Array.from({ length: 640 }, (_, i) => i / 64)
    const reference = await tableOf(warehouse, { usage__kwh: double(values) })
    const columns = [{ name: 'usage__KWH', type: 'double' }] as const
    const profile = await profileReference(warehouse, {
      name: 'p',
      relation: reference,
      columns,
      rowKind: 'trainingSet',
      now,
    })
    const table = await tableOf(warehouse, {
      Feature_Time: { type: 'timestamp', values: values.map(() => now) },
      kwh: double(values),
    })
    const result = await runDrift({
      warehouse,
      profile,
      current: { featureTable: table, view: 'usage' },
      now,
      record: false,
    })
    expect(findingsOf(result)).toEqual([])
    expect(columnResult(result, 'usage__KWH').status).toBe('ok')
  })
})

describe('a window without rows', () => {
  it('is one finding, however many columns cannot be seen', async () => {
    const names = Array.from({ length: 22 }, (_, i) => `f${i}`)
    const reference = await tableOf(warehouse, Object.fromEntries(names.map((name) => [name, double([1, 2, 3])])))
    const columns = names.map((name) => ({ name, type: 'double' as const }))
    const profile = await profileReference(warehouse, { name: 'p', relation: reference, columns, now })
    const none = await tableOf(warehouse, { other: double([]) })
    const result = await runDrift({ warehouse, profile, current: { relation: none }, now, record: false })
    expect(result).toMatchObject({
      status: 'no_data',
      severity: 'none',
      exitCode: 3,
      sentence: 'No rows in this window.',
    })
    expect(findingsOf(result).map(({ kind, severity }) => ({ kind, severity }))).toEqual([
      { kind: 'noRows', severity: 'info' },
    ])
    const one = await tableOf(warehouse, { other: double([1]) })
    const few = await runDrift({ warehouse, profile, current: { relation: one }, now, record: false })
    expect(findingsOf(few).filter(({ kind }) => kind === 'missingColumn')).toHaveLength(22)
  })
})
