import type { Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, profileToJson, profileFromJson, runDrift, toHtml, toJson } from '../../src/index.ts'
import { normal, sample, uniform } from '../random.ts'
import { columnResult, compareTables, double, findingsOf, metricOf, now, tableOf, text } from '../tables.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

/** The whole numbers from 0 on as `t.i`. */
const numbersBelow = (end: number) => {
  const bounds = { from: sql`bounds.low`, to: sql`bounds.high`, alias: 't', column: 'i' }
  return sql`(SELECT 0 AS low, ${sql.lit(end)} AS high) AS bounds, ${warehouse.leaves.series(bounds)}`
}
const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const bell = (seed: number, count: number): number[] => sample(count, normal(seed))

describe('cases 20 to 34: windows and values', () => {
  it('20: an empty window is no_data with exit code 3, not an answer', async () => {
    const { result } = await compareTables(warehouse, { x: double(bell(1, 100)) }, { x: double([]) })
    expect([result.status, result.exitCode, result.windows[0]?.columns.length]).toEqual(['no_data', 3, 0])
  })
  it('21: an empty reference and a profile without bins are errors that name it', async () => {
    const empty = await tableOf(warehouse, { x: double([]) })
    await expect(
      profileReference(warehouse, { name: 'nothing', relation: empty, columns: [{ name: 'x', type: 'double' }] }),
    ).rejects.toMatchObject({ code: 'REFERENCE_EMPTY', message: expect.stringContaining('nothing') })
    const { profile } = await compareTables(warehouse, { x: double(bell(1, 100)) }, { x: double(bell(2, 100)) })
    const broken = { ...profile, columns: profile.columns.map((column) => ({ ...column, counts: [] })) }
    expect(() => profileFromJson(JSON.stringify(broken))).toThrow(
      expect.objectContaining({ code: 'PROFILE_INVALID', message: expect.stringContaining('column x') }),
    )
    expect(profileFromJson(profileToJson(profile))).toEqual(profile)
  })
  it('22: a column that is null everywhere is critical and not evaluable', async () => {
    const { result } = await compareTables(
      warehouse,
      { x: double(bell(1, 200)), y: double(bell(2, 200)) },
      { x: double(repeat(200, null)), y: double(bell(3, 200)) },
    )
    expect(findingsOf(result)).toMatchObject([
      { kind: 'nullRate', column: 'x', severity: 'crit', reference: 0, current: 1 },
    ])
    expect(columnResult(result, 'x').status).toBe('not_evaluable')
    expect(columnResult(result, 'y').status).toBe('ok')
    expect(result.exitCode).toBe(1)
  })
  it('23: the same share of NaN on both sides is no drift', async () => {
    const holey = (seed: number): number[] => bell(seed, 1000).map((x, i) => (i % 10 === 0 ? Number.NaN : x))
    const { result } = await compareTables(warehouse, { x: double(holey(1)) }, { x: double(holey(2)) })
    expect([result.exitCode, findingsOf(result).length]).toEqual([0, 0])
  })
  it('24: NaN from none to a tenth is a finding, and NaN is in no bin', async () => {
    const { result, profile } = await compareTables(
      warehouse,
      { x: double(bell(1, 1000)) },
      { x: double(bell(1, 1000).map((x, i) => (i % 10 === 0 ? Number.NaN : x))) },
    )
    expect(findingsOf(result)).toMatchObject([{ kind: 'nonFiniteRate', column: 'x', severity: 'warn', current: 0.1 }])
    const [first = 0] = columnResult(result, 'x').counts
    const [column] = profile.columns
    expect(first).toBeLessThanOrEqual(column?.kind === 'number' ? (column.counts[0] ?? 0) : 0)
    expect(columnResult(result, 'x').values).toBe(900)
  })
  it('25: one infinity among a million rows is counted and the rest is measured', async () => {
    await warehouse.run(
      warehouse.leaves.createTableAs(
        'million',
        sql`
          SELECT CASE WHEN t.i = 5 THEN CAST('inf' AS DOUBLE) ELSE CAST(t.i * 7919 % 1000003 AS DOUBLE) / 1000003 END AS x
          FROM ${numbersBelow(1_000_000)}
        `,
      ),
    )
    const profile = await profileReference(warehouse, {
      name: 'million',
      relation: 'million',
      columns: [{ name: 'x', type: 'double' }],
      now,
    })
    expect(profile.columns[0]).toMatchObject({ finite: 999_999, positiveInfinite: 1, nan: 0, negativeInfinite: 0 })
    const column = profile.columns[0]
    // a uniform variable has σ = 1/√12; the sample is a permutation of an even grid
    expect(column?.kind === 'number' ? column.std : Number.NaN).toBeCloseTo(1 / Math.sqrt(12), 5)
    const result = await runDrift({
      warehouse,
      profile,
      current: { relation: sql`SELECT x FROM million WHERE x < 2` },
      now,
      record: false,
    })
    expect(result.exitCode).toBe(0)
  })
  it('26: −0 and 0 are one value', async () => {
    const { result } = await compareTables(
      warehouse,
      { x: double(repeat(50, -0)) },
      { x: double(repeat(50, 0)) },
      { exact: 'always' },
      true,
    )
    expect(metricOf(columnResult(result, 'x'), 'ks').value).toBe(0)
  })
  it('27: neighbours beyond 2^53 stay apart', async () => {
    const columns = (value: bigint) => ({ x: { type: 'bigint' as const, values: repeat(100, value) } })
    const { result } = await compareTables(warehouse, columns(2n ** 53n), columns(2n ** 53n + 1n))
    const ks = metricOf(columnResult(result, 'x'), 'ks')
    expect(ks.value).toBe(1)
    expect(ks.p ?? 0).toBeCloseTo(2.20876e-59, 64)
    expect(result.exitCode).toBe(1)
  })
  it('28: the largest ids are counted exactly and written as text', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => 2n ** 63n - 1n - BigInt(i))
    const { profile, result } = await compareTables(
      warehouse,
      { id: { type: 'bigint', values: ids } },
      { id: { type: 'bigint', values: ids } },
    )
    expect(profile.columns[0]).toMatchObject({ origin: '9223372036854775708', finite: 100, minimum: 0, maximum: 99 })
    expect(metricOf(columnResult(result, 'id'), 'ks').value).toBe(0)
    expect(toJson(result)).toContain('"origin": "9223372036854775708"')
  })
  it('29: σ is centred', async () => {
    const profile = await profileReference(warehouse, {
      name: 'far',
      relation: await tableOf(warehouse, { x: double([1e16, 1e16 + 2, 1e16 + 4]) }),
      columns: [{ name: 'x', type: 'double' }],
      now,
    })
    const [column] = profile.columns
    expect(column?.kind === 'number' ? column.std : 0).toBeCloseTo(1.632993161855, 12)
  })
  it('30: mostly zeros: equal edges are merged and everything stays finite', async () => {
    const draw = normal(30)
    const tail = (share: number) => Array.from({ length: 2000 }, (_, i) => (i % 100 < share ? 0 : Math.exp(draw())))
    const { profile, result } = await compareTables(warehouse, { x: double(tail(92)) }, { x: double(tail(80)) })
    const [column] = profile.columns
    expect(column?.kind === 'number' ? column.deciles : []).toEqual([0])
    expect(metricOf(columnResult(result, 'x'), 'psi').value).toBeGreaterThan(0)
    expect(columnResult(result, 'x').severity).not.toBe('none')
  })
  it('31: a boolean is two categories', async () => {
    const flags = (hits: number) => ({
      x: { type: 'boolean' as const, values: Array.from({ length: 100 }, (_, i) => i < hits) },
    })
    const { profile, result } = await compareTables(warehouse, flags(60), flags(45))
    expect(profile.columns[0]).toMatchObject({
      kind: 'category',
      top: [
        { value: 'true', count: 60 },
        { value: 'false', count: 40 },
      ],
    })
    expect(metricOf(columnResult(result, 'x'), 'chiSquare').p ?? 0).toBeCloseTo(0.033672068856, 10)
  })
  it('32: 5000 ids do not alert, and are called many', async () => {
    const draw = uniform(32)
    const ids = () => text(sample(5000, () => `id-${Math.floor(draw() * 5000)}`))
    const { result } = await compareTables(warehouse, { id: ids() }, { id: ids() })
    expect([result.exitCode, findingsOf(result)[0]?.kind]).toEqual([0, 'highCardinality'])
  })
  it('33: below thirty rows is too few, above it is exact', async () => {
    for (const rows of [1, 5, 29]) {
      const { result } = await compareTables(warehouse, { x: double(bell(1, 200)) }, { x: double(repeat(rows, 9)) })
      expect([result.status, columnResult(result, 'x').status, result.exitCode]).toEqual([
        'too_few_rows',
        'too_few_rows',
        3,
      ])
    }
    const { result } = await compareTables(warehouse, { x: double(bell(1, 200)) }, { x: double(repeat(30, 9)) })
    expect([result.status, columnResult(result, 'x').status]).toEqual(['drift', 'drift'])
  })
  it('34: a huge sample with a tiny shift is significant and negligible', async () => {
    // Two million rows instead of ten: p is far below any threshold either way.
    const part = (factor: string) => sql`CAST(t.i * ${sql.raw(factor)} % 2000003 AS DOUBLE) / 2000003`
    const make = (shift: number) => sql`
      SELECT (${part('7919')} + ${part('104729')} + ${sql.raw(String(shift))}) AS x
      FROM ${numbersBelow(2_000_000)}
    `
    const profile = await profileReference(warehouse, {
      name: 'huge',
      relation: make(0),
      columns: [{ name: 'x', type: 'double' }],
      now,
    })
    const result = await runDrift({ warehouse, profile, current: { relation: make(0.01) }, now, record: false })
    expect(columnResult(result, 'x')).toMatchObject({
      status: 'ok',
      severity: 'info',
      sentence: expect.stringContaining('Significant, negligible'),
    })
    expect(result.exitCode).toBe(0)
  })
})

describe('cases 38 to 48: runs', () => {
  it('38: one of twenty columns replaced by noise alerts, and so does the run', async () => {
    const side = (seed: number, noisy: boolean) =>
      Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [
          `x${i}`,
          double(noisy && i === 7 ? sample(1000, uniform(99)) : bell(seed + i, 1000)),
        ]),
      )
    const { result } = await compareTables(warehouse, side(100, false), side(200, true))
    expect([result.status, result.lookAt]).toEqual(['drift', ['x7']])
  })
  it('39: categories that differ in a space are two, named, and safe in HTML', async () => {
    const odd = ['NY', 'NY ', 'ny', '', `<script>alert('x')</script>`, `O'Hare "1"`, '🚕', null]
    const reference = text(Array.from({ length: 800 }, (_, i) => odd[i % 8] ?? null))
    const { profile, result } = await compareTables(
      warehouse,
      { c: reference },
      { c: text(Array.from({ length: 800 }, (_, i) => (i % 8 === 0 ? ' NY' : (odd[i % 8] ?? null)))) },
    )
    expect(profile.columns[0]).toMatchObject({ kind: 'category', distinct: 7, nulls: 100 })
    expect(findingsOf(result)).toMatchObject([
      {
        kind: 'unseen',
        column: 'c',
        severity: 'crit',
        sentence: expect.stringContaining('" NY" differs from the known'),
      },
    ])
    const html = toHtml(result)
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;')
  })
  it('40: a changed type, a missing and a new column are reported, the others are still compared', async () => {
    const { result } = await compareTables(
      warehouse,
      { a: { type: 'integer', values: repeat(100, 1) }, b: double(bell(1, 100)), c: double(bell(2, 100)) },
      { a: text(repeat(100, 'one')), c: double(bell(3, 100)), d: double(bell(4, 100)) },
    )
    expect(findingsOf(result)).toMatchObject([
      { kind: 'typeChange', column: 'a', severity: 'crit' },
      { kind: 'missingColumn', column: 'b', severity: 'crit' },
      { kind: 'extraColumn', column: 'd', severity: 'info' },
    ])
    expect([
      columnResult(result, 'a').status,
      columnResult(result, 'b').status,
      columnResult(result, 'c').status,
      result.exitCode,
    ]).toEqual(['not_evaluable', 'not_evaluable', 'ok', 1])
  })
  it('47: odd column names', async () => {
    const names = ['select', 'with "quote"', "it's", 'x'.repeat(255), 'ünïcode 🚲']
    const side = (seed: number) => Object.fromEntries(names.map((name, i) => [name, double(bell(seed + i, 100))]))
    const { result } = await compareTables(warehouse, side(1), side(50))
    expect(result.windows[0]?.columns.map(({ name, status }) => [name, status])).toEqual(
      names.map((name) => [name, 'ok']),
    )
    expect(toHtml(result)).toContain('with &quot;quote&quot;')
  })
})
