import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  profileFromJson,
  profileReference,
  profileToJson,
  runDrift,
  toJson,
  toMarkdown,
  type DriftResult,
  type ReferenceProfile,
} from '../../src/index.ts'
import { relativeWeight } from '../../src/count/weigh-rows.ts'
import { normal, uniform } from '../random.ts'
import { columnResult, double, findingsOf, metricOf, tableOf, text, type Columns } from '../tables.ts'
import { effectsOf, weighedProfile, type WeighedRows } from '../law/weighed.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const now = new Date('2026-03-01T00:00:00Z')

interface Row {
  readonly x: number | null
  readonly c: string | null
  readonly wt: number | null
}

/** Whole weights from 1 to 9; x moves with `shift`. */
function rowsOf(seed: number, count: number, shift = 0): Row[] {
  const [draw, chance] = [normal(seed), uniform(seed + 1)]
  return Array.from({ length: count }, () => ({
    x: chance() < 0.05 ? null : Math.round((draw() + shift) * 1000) / 1000,
    c: chance() < 0.02 ? null : `c${Math.floor(chance() ** 2 * 6)}`,
    wt: 1 + Math.floor(chance() * 9),
  }))
}

function columnsOf(rows: readonly Row[], weigh: (weight: number) => number = (weight) => weight): Columns {
  return {
    x: double(rows.map(({ x }) => x)),
    c: text(rows.map(({ c }) => c)),
    wt: double(rows.map(({ wt }) => (wt === null ? null : weigh(wt)))),
  }
}

const columns = [
  { name: 'x', type: 'double' as const },
  { name: 'c', type: 'text' as const },
]

async function compared(
  reference: Columns,
  current: Columns,
  weight: string | null = 'wt',
): Promise<{ readonly profile: ReferenceProfile; readonly result: DriftResult }> {
  const profile = await profileReference(warehouse, {
    name: 'weighed',
    relation: await tableOf(warehouse, reference),
    columns,
    now,
    ...(weight === null ? {} : { weight }),
  })
  const result = await runDrift({
    warehouse,
    profile,
    current: { relation: await tableOf(warehouse, current), ...(weight === null ? { ignore: ['wt'] } : {}) },
    now,
    record: false,
  })
  return { profile, result }
}

/** A report without the statements, which name tables. */
function told(result: DriftResult): string {
  return toJson({ ...result, sql: [] })
}

describe('rows that count by a weight', () => {
  it('are counted as plain loops count them', async () => {
    const rows = rowsOf(11, 700)
    const { profile } = await compared(columnsOf(rows), columnsOf(rowsOf(12, 300)))
    for (const name of ['x', 'c'] as const) {
      const own = {
        values: rows.map((row) => row[name]),
        weights: rows.map(({ wt }) => wt ?? 0),
        entity: null,
      } satisfies WeighedRows
      const twin = weighedProfile(own)
      const found = profile.columns.find((column) => column.name === name)
      expect(found?.nulls).toBeCloseTo(twin.nulls, 5)
      if (twin.kind === 'number' && found?.kind === 'number') {
        expect(found.edges).toEqual(twin.edges)
        expect(found.deciles).toEqual(twin.deciles)
        for (const [bin, count] of twin.counts.entries()) expect(found.counts[bin]).toBeCloseTo(count, 5)
        for (const [bin, sum] of twin.sums.entries()) expect(found.sums[bin]).toBeCloseTo(sum, 6)
        // Weights are kept to a millionth of a row, of which 700 are here.
        expect(found.mean).toBeCloseTo(twin.mean ?? Number.NaN, 7)
        expect(found.robustStd).toBeCloseTo(twin.robustStd ?? Number.NaN, 7)
      } else if (twin.kind === 'category' && found?.kind === 'category') {
        expect(found.top.map(({ value }) => value)).toEqual(twin.top.map(({ value }) => value))
        for (const [index, { count }] of twin.top.entries()) expect(found.top[index]?.count).toBeCloseTo(count, 5)
        expect(found.beyond).toBe(0)
      } else throw new Error(`${name} is of another kind`)
      const effects = effectsOf(twin, own).weights
      expect(found?.effects?.weights?.shares).toBeCloseTo(effects?.shares ?? Number.NaN, 4)
      expect(found?.effects?.weights?.groups).toBeCloseTo(effects?.groups ?? Number.NaN, 1)
    }
  })

  it('give the same bytes in any unit of the weights and any order of the rows', async () => {
    const [reference, current] = [rowsOf(21, 600), rowsOf(22, 300, 0.2)]
    const first = await compared(columnsOf(reference), columnsOf(current))
    const seven = await compared(
      columnsOf(reference, (weight) => weight * 7),
      columnsOf(current, (weight) => weight * 7),
    )
    expect(told(seven.result)).toBe(told(first.result))
    const turned = await compared(columnsOf(reference.toReversed()), columnsOf(current.toReversed()))
    expect(told(turned.result)).toBe(told(first.result))
  })

  it('count as rows without weights when all weights are the same', async () => {
    const [reference, current] = [rowsOf(31, 600), rowsOf(32, 300, 0.4)]
    const weighed = await compared(
      columnsOf(reference, () => 2.5),
      columnsOf(current, () => 2.5),
    )
    const plain = await compared(columnsOf(reference), columnsOf(current), null)
    for (const name of ['x', 'c']) {
      const [one, other] = [columnResult(weighed.result, name), columnResult(plain.result, name)]
      expect([one.severity, one.status, one.values]).toEqual([other.severity, other.status, other.values])
      expect(one.effective).toBeNull()
    }
    // Categories have no edges, so every figure is the same; edges of numbers are values here, and may lie between two rows there.
    expect(columnResult(weighed.result, 'c').metrics).toEqual(columnResult(plain.result, 'c').metrics)
    expect(weighed.result.windows[0]?.severity).toBe(plain.result.windows[0]?.severity)
  })

  it('have the shares of as many rows as they weigh, but not their certainty', async () => {
    const [reference, current] = [rowsOf(41, 500), rowsOf(42, 250, 0.3)]
    const repeated = (rows: readonly Row[]): Row[] =>
      rows.flatMap((row) => Array.from({ length: row.wt ?? 0 }, () => ({ ...row, wt: 1 })))
    const one = await compared(columnsOf(reference), columnsOf(current))
    const many = await compared(columnsOf(repeated(reference)), columnsOf(repeated(current)))
    for (const metric of ['ks', 'wasserstein', 'wassersteinRobust', 'totalVariation', 'hellinger'] as const) {
      const [a, b] = [metricOf(columnResult(one.result, 'x'), metric), metricOf(columnResult(many.result, 'x'), metric)]
      expect(a.value).toBeCloseTo(b.value ?? Number.NaN, 7)
    }
    const [a, b] = [columnResult(one.result, 'c'), columnResult(many.result, 'c')]
    expect(metricOf(a, 'jsDistance').value).toBeCloseTo(metricOf(b, 'jsDistance').value ?? Number.NaN, 7)
    expect(a.nullRate).toBeCloseTo(b.nullRate ?? Number.NaN, 7)
    const [few, all] = [columnResult(one.result, 'x'), columnResult(many.result, 'x')]
    expect(few.effective?.current).toBeLessThan(250)
    expect(all.effective).toBeNull()
    expect(few.p ?? 0).toBeGreaterThan(all.p ?? 1)
  })

  it('leave out rows without a usable weight, and say how many', async () => {
    const broken = [...rowsOf(52, 300)].map((row, index): Row => {
      if (index % 10 === 0) return { ...row, x: 1e6, wt: null }
      if (index % 10 === 1) return { ...row, x: 1e6, wt: -1 }
      if (index % 10 === 2) return { ...row, x: 1e6, wt: [Number.NaN, Infinity, 1e200][index % 3] ?? 1e200 }
      return index % 10 === 3 ? { ...row, x: 1e6, wt: 0 } : row
    })
    const { result } = await compared(columnsOf(rowsOf(51, 600)), columnsOf(broken))
    const [window] = result.windows
    expect(window?.rows).toBe(180)
    expect(window?.weights).toEqual({
      column: 'wt',
      counted: 180,
      zero: 30,
      missing: 30,
      negative: 30,
      notFinite: 30,
    })
    const found = findingsOf(result).find(({ kind }) => kind === 'leftOutRows')
    expect(found?.sentence).toBe(
      '90 of 300 rows have no weight in wt (30 missing, 30 negative, 30 not finite) and are left out; of the reference it was 0 %.',
    )
    expect(found?.severity).toBe('crit')
    expect(columnResult(result, 'x').severity).toBe('none')
    expect(toMarkdown(result)).toContain('no weight in wt')
  })

  it('say so when no row is left', async () => {
    const none = rowsOf(54, 50).map((row) => ({ ...row, wt: null }))
    const { result } = await compared(columnsOf(rowsOf(53, 300)), columnsOf(none))
    expect(result.status).toBe('no_data')
    expect(findingsOf(result).map(({ kind }) => kind)).toContain('leftOutRows')
    await expect(compared(columnsOf(none), columnsOf(none))).rejects.toMatchObject({ code: 'REFERENCE_EMPTY' })
  })

  it('show how the weights themselves are distributed, in multiples of the average of the reference', async () => {
    const [reference, current] = [rowsOf(61, 600), rowsOf(62, 300)]
    const same = await compared(columnsOf(reference), columnsOf(current))
    expect(columnResult(same.result, relativeWeight('wt')).severity).toBe('none')
    const squared = await compared(
      columnsOf(reference),
      columnsOf(current, (weight) => weight ** 3),
    )
    const column = columnResult(squared.result, relativeWeight('wt'))
    expect(column.severity).toBe('crit')
    expect(columnResult(squared.result, 'x').severity).toBe('none')
  })

  it('weigh 1 on average in each window, however far the windows are apart', async () => {
    const rows = rowsOf(72, 400)
    const start = Date.parse('2026-02-01T00:00:00Z')
    const times = rows.map((_, index) => new Date(start + index * 432_000))
    const windows = [0, 1].map((day) => ({
      from: new Date(start + day * 86_400_000),
      to: new Date(start + (day + 1) * 86_400_000),
    }))
    const profile = await profileReference(warehouse, {
      name: 'weighed',
      relation: await tableOf(warehouse, columnsOf(rowsOf(71, 600))),
      columns,
      weight: 'wt',
      now,
    })
    const run = async (factor: number): Promise<DriftResult> => {
      const table = await tableOf(warehouse, {
        ...columnsOf(rows.map((row, index) => ({ ...row, wt: (row.wt ?? 0) * (index < 200 ? 1 : factor) }))),
        ts: { type: 'timestamp', values: times },
      })
      return runDrift({ warehouse, profile, current: { relation: table, time: 'ts' }, windows, now, record: false })
    }
    const [plain, far] = [await run(1), await run(1e60)]
    expect(far.windows.map(({ rows: count }) => count)).toEqual([200, 200])
    for (const index of [0, 1]) {
      const of = (result: DriftResult): unknown =>
        result.windows[index]?.columns.filter(({ name }) => name !== relativeWeight('wt')).map(({ metrics }) => metrics)
      expect(of(far)).toEqual(of(plain))
    }
  })

  it('belong to both sides', async () => {
    const profile = await profileReference(warehouse, {
      name: 'weighed',
      relation: await tableOf(warehouse, columnsOf(rowsOf(81, 300))),
      columns,
      now,
    })
    const relation = await tableOf(warehouse, columnsOf(rowsOf(82, 300)))
    const run = (of: ReferenceProfile, weight?: string): Promise<DriftResult> =>
      runDrift({
        warehouse,
        profile: of,
        current: { relation, ...(weight === undefined ? {} : { weight }) },
        now,
        record: false,
      })
    await expect(run(profile, 'wt')).rejects.toMatchObject({ code: 'WEIGHT_COLUMN' })
    const weighed = {
      ...profile,
      weight: { column: 'c', counted: 1, zero: 0, missing: 0, negative: 0, notFinite: 0, average: 1 },
    }
    await expect(run(weighed)).rejects.toThrow('it holds no numbers')
    await expect(run({ ...weighed, weight: { ...weighed.weight, column: 'gone' } })).rejects.toThrow('no such column')
  })

  it('are kept with the profile, and old profiles still open', async () => {
    const { profile } = await compared(columnsOf(rowsOf(91, 300)), columnsOf(rowsOf(92, 100)))
    expect(profileFromJson(profileToJson(profile))).toEqual(profile)
    expect(profile.weight).toMatchObject({ column: 'wt', counted: 300 })
    const { weight: _, ...old } = profile
    expect(profileFromJson(profileToJson(old)).weight).toBeUndefined()
  })
})
