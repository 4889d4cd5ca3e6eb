import { MartletError, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse, testEngine } from '../../../warehouse/test/support/engine.ts'
import {
  compareArrays,
  profileFromJson,
  profileNumbers,
  profileReference,
  profileToJson,
  runDrift,
  toHtml,
} from '../../src/index.ts'
import { columnByColumn } from '../../src/monitor/column-by-column.ts'
import { normal, sample } from '../random.ts'
import { columnResult, compareTables, double, findingsOf, metricOf, now, tableOf } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const largest = Number.MAX_VALUE
const cycle = (values: readonly number[], rows = 60): number[] =>
  Array.from({ length: rows }, (_, i) => values[i % values.length] ?? 0)

describe('values near the largest double', () => {
  it.each([
    ['two of them on both sides', [largest, largest], [largest, largest], 'ok'],
    ['both signs in the reference', [largest, -largest, 1, 2], [1, 2, 3], 'drift'],
    ['both signs now', [1, 2, 3, 4], [largest, -largest, 1, 1], 'drift'],
    ['half of the reference', [largest, largest, 1, 2], [1, 2], 'drift'],
    ['squares that are too large', [1e200, -1e200, 3e200], [1e200, -1e200, 3e200], 'ok'],
  ] as const)('%s are compared, and the other columns with them', async (_, then, today, status) => {
    const side = (values: readonly number[]) => ({ x: double(cycle(values)), y: double(cycle([1, 2, 3, 4, 5])) })
    for (const exact of [false, true]) {
      const { profile, result } = await compareTables(
        warehouse,
        side(then),
        side(today),
        exact ? { exact: 'always' } : {},
        exact,
      )
      expect([columnResult(result, 'x').status, columnResult(result, 'y').status]).toEqual([status, 'ok'])
      expect(profileFromJson(profileToJson(profile))).toEqual(profile)
      expect(toHtml(result)).not.toMatch(/NaN|Infinity/)
      const undefinedOnes = columnResult(result, 'x').metrics.filter(({ value }) => value === null)
      for (const { reason } of undefinedOnes) expect(reason).toMatch(/too large for a double|does not vary/)
    }
  })
})

describe('one value of 1e12 among 20 000', () => {
  const reference = sample(20_000, normal(3))
  const outlier = [...reference.slice(1), 1e12]
  const shifted = sample(20_000, normal(4)).map((x) => x + 0.25)

  it('leaves the robust σ as it is without it', async () => {
    const table = await tableOf(warehouse, { x: double(outlier) })
    const profile = await profileReference(warehouse, {
      name: 'outlier',
      relation: table,
      columns: [{ name: 'x', type: 'double' }],
      now,
    })
    const [column] = profile.columns
    const without = profileNumbers({ name: 'x', type: 'double' }, reference).robustStd ?? 0
    expect(without).toBeGreaterThan(0.9)
    const inMemory = profileNumbers({ name: 'x', type: 'double' }, outlier).robustStd
    for (const robust of [column?.kind === 'number' ? column.robustStd : null, inMemory])
      expect(robust).toBeCloseTo(without, 3)
  })
  it('does not hide a shift of 0.25 σ', async () => {
    const { result } = await compareTables(warehouse, { x: double(outlier) }, { x: double(shifted) })
    const robust = metricOf(columnResult(result, 'x'), 'wassersteinRobust')
    expect(robust.value).toBeCloseTo(metricOf(compareArrays(reference, shifted), 'wassersteinRobust').value ?? 0, 2)
    expect(columnResult(result, 'x')).toMatchObject({
      severity: 'warn',
      sentence: expect.stringContaining('robust Wasserstein'),
    })
  })
  it('profiles with sums around the mean are still read', async () => {
    const table = await tableOf(warehouse, { x: double(reference) })
    const profile = await profileReference(warehouse, {
      name: 'old',
      relation: table,
      columns: [{ name: 'x', type: 'double' }],
      now,
    })
    const columns = profile.columns.map((column) => {
      if (column.kind !== 'number') return column
      const { centre, mean, ...rest } = column
      const moved = (mean ?? 0) - (centre ?? 0)
      return { ...rest, mean, sums: column.sums.map((sum, bin) => sum - moved * (column.counts[bin] ?? 0)) }
    })
    const old = profileFromJson(profileToJson({ ...profile, columns }))
    const relation = await tableOf(warehouse, { x: double(shifted) })
    const of = async (one: typeof profile) => {
      const result = await runDrift({ warehouse, profile: one, current: { relation }, now, record: false })
      return metricOf(columnResult(result, 'x'), 'wassersteinRobust').value ?? Number.NaN
    }
    expect(await of(old)).toBeCloseTo(await of(profile), 5)
  })
})

describe('a column that the engine cannot count', () => {
  it.runIf(testEngine === 'duckdb')('is one finding, and the others are compared', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => 2n ** 63n - 1n - BigInt(i))
    const reference = await tableOf(warehouse, { id: { type: 'bigint', values: ids }, y: double(cycle([1, 2, 3])) })
    const columns = [
      { name: 'id', type: 'bigint' as const },
      { name: 'y', type: 'double' as const },
    ]
    const profile = await profileReference(warehouse, { name: 'ids', relation: reference, columns, now })
    const relation = sql`SELECT CAST('170141183460469231731687303715884105727' AS HUGEINT) AS id, y FROM ${sql.table(reference)}`
    const result = await runDrift({ warehouse, profile, current: { relation }, now, record: false })
    const sentence = expect.stringContaining('could not be counted')
    expect(findingsOf(result)).toMatchObject([{ kind: 'uncountable', column: 'id', severity: 'crit', sentence }])
    expect([columnResult(result, 'id').status, columnResult(result, 'y').status, result.exitCode]).toEqual([
      'not_evaluable',
      'ok',
      1,
    ])
  })
  it('is not confused with a lost connection', async () => {
    const lost = new MartletError('CONNECTION_LOST', 'The connection was lost.')
    await expect(
      columnByColumn(
        ['a', 'b'],
        () => Promise.reject(lost),
        () => Promise.reject(lost),
      ),
    ).rejects.toBe(lost)
    const scan = (columns: readonly string[]) =>
      columns.includes('b') ? Promise.reject(new Error('overflow')) : Promise.resolve(columns)
    expect(await columnByColumn(['a', 'b', 'c'], scan, () => Promise.resolve())).toEqual([
      { found: 'a' },
      { failed: 'overflow' },
      { found: 'c' },
    ])
  })
})
