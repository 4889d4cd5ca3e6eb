import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { profileReference, runDrift, type DriftResult, type ProfiledColumn } from '../../src/index.ts'
import { normal, sample } from '../random.ts'
import { compareTables, double, now, tableOf, text, type Columns } from '../tables.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(async () => {
  await warehouse.close()
})

const ROWS = 800
const usage = (columns: readonly string[], level = false) => ({
  sources: [{ table: 'mart.usage', columns, ...(level ? { level: true as const } : {}) }],
})
const columns: readonly ProfiledColumn[] = [
  { name: 'usage__mean_7d', type: 'double', ...usage(['kwh'], true) },
  { name: 'usage__sum_28d', type: 'double', ...usage(['kwh'], true) },
  { name: 'usage__spread_7d', type: 'double', ...usage(['kwh']) },
  { name: 'usage__unit_cost', type: 'double', ...usage(['cost', 'kwh']) },
  { name: 'weather__temp', type: 'double', sources: [{ table: 'mart.weather', columns: ['temp'] }] },
  { name: 'weather__felt', type: 'double', sources: [{ table: 'mart.weather', columns: ['felt'] }] },
  { name: 'weather__wind', type: 'double', sources: [{ table: 'mart.weather', columns: ['wind'] }] },
  { name: 'profile__tariff', type: 'text', sources: [{ table: 'mart.customer', columns: ['tariff'] }] },
]

interface Change {
  readonly kwh?: number
  readonly temp?: number
  readonly flat?: number
  /** The share of rows without weather. */
  readonly noWeather?: number
}

/** Rows of one customer level each, whose weather is of one day. */
function rows(seed: number, { kwh = 1, temp = 0, flat = 0.7, noWeather = 0 }: Change = {}): Columns {
  const draw = normal(seed)
  const levels = sample(ROWS, () => (10 + 2 * draw()) * kwh)
  const days = sample(ROWS, () => 8 + 5 * draw() + temp)
  const gone = (values: readonly number[]) => values.map((value, i) => (i % 100 < 100 * noWeather ? null : value))
  return {
    usage__mean_7d: double(levels),
    usage__sum_28d: double(levels.map((level) => 28 * level + kwh * draw())),
    usage__spread_7d: double(sample(ROWS, () => Math.abs(3 + draw()) * kwh ** 2)),
    usage__unit_cost: double(sample(ROWS, () => 0.3 + 0.02 * draw())),
    weather__temp: double(gone(days)),
    weather__felt: double(gone(days.map((day) => day - 2 + 0.5 * draw()))),
    weather__wind: double(gone(sample(ROWS, () => Math.abs(10 + 3 * draw())))),
    profile__tariff: text(levels.map((_, i) => (i % 100 < 100 * flat ? 'flat' : 'day'))),
  }
}

async function compared(change: Change, known: readonly ProfiledColumn[] = columns, seed = 2): Promise<DriftResult> {
  const reference = await tableOf(warehouse, rows(1))
  const profile = await profileReference(warehouse, { name: 'p', relation: reference, columns: known, now })
  const current = await tableOf(warehouse, rows(seed, change))
  return runDrift({ warehouse, profile, current: { relation: current }, now, record: false })
}

const causesOf = (result: DriftResult) => result.windows.at(-1)?.causes ?? []
const plain = (list: readonly ProfiledColumn[]) => list.map(({ sources: _, ...column }) => column)

describe('columns that moved together are one finding', () => {
  it('with the source that their definitions name, and how far it moved', async () => {
    // The same customers later, so that nothing but the change differs.
    const result = await compared({ kwh: 0.83 }, columns, 1)
    expect(causesOf(result)).toEqual([
      expect.objectContaining({
        columns: expect.arrayContaining(['usage__mean_7d', 'usage__sum_28d', 'usage__spread_7d']),
        share: 1,
        source: { table: 'mart.usage', columns: ['kwh'], views: ['usage'] },
        sentence: '3 columns follow mart.usage.kwh, which fell by 17 %.',
      }),
    ])
    expect(result.sentence).toBe('Kwh fell by 17 %; 3 of 8 columns follow it. Nothing else changed.')
  })
  it.each([
    [0.2, 'fell by 80 %'],
    [1.5, 'rose by 50 %'],
    [3, 'rose by 200 %'],
    [20, 'rose by 1900 %'],
  ])('times %s, also where most rows are beyond the limits of outliers', async (kwh, words) => {
    const result = await compared({ kwh }, columns, 1)
    expect(result.sentence).toBe(`Kwh ${words}; 3 of 8 columns follow it. Nothing else changed.`)
  })
  it('and a few broken values do not count in it', async () => {
    const reference = rows(1)
    const profile = await profileReference(warehouse, {
      name: 'p',
      relation: await tableOf(warehouse, reference),
      columns: [{ name: 'usage__mean_7d', type: 'double', ...usage(['kwh'], true) }],
      now,
    })
    const later = rows(1, { kwh: 1.2 })['usage__mean_7d']
    if (later?.type !== 'double') throw new Error('no numbers')
    const broken = Array.from(later.values, (value, i) => (i % 50 === 0 ? 1e12 : value))
    const current = await tableOf(warehouse, { usage__mean_7d: double(broken) })
    const result = await runDrift({ warehouse, profile, current: { relation: current }, now, record: false })
    expect(result.sentence).toMatch(/^Kwh rose by (19|2\d) %/)
  })
  it('by an amount where the sign changed', async () => {
    const column = { name: 'usage__mean_7d', type: 'double', ...usage(['kwh'], true) } as const
    const profile = await profileReference(warehouse, {
      name: 'p',
      relation: await tableOf(warehouse, {
        usage__mean_7d: double(Array.from({ length: ROWS }, (_, i) => 9 + (i % 100) / 50)),
      }),
      columns: [column],
      now,
    })
    const current = await tableOf(warehouse, {
      usage__mean_7d: double(Array.from({ length: ROWS }, (_, i) => -6 + (i % 100) / 50)),
    })
    const result = await runDrift({ warehouse, profile, current: { relation: current }, now, record: false })
    expect(result.sentence).toContain('fell by 15 on average')
  })
  it('by their correlation in the reference where definitions share nothing', async () => {
    const result = await compared({ temp: 4 })
    const [cause] = causesOf(result)
    expect(causesOf(result)).toHaveLength(1)
    expect(cause?.columns.toSorted()).toEqual(['weather__felt', 'weather__temp'])
    expect(cause?.source).toEqual({ table: 'mart.weather', columns: [], views: ['weather'] })
    expect(cause?.sentence).toMatch(
      /^2 columns follow mart\.weather; weather__(temp|felt) rose by [\d.]+ on average, the most\.$/,
    )
  })
  it('and by correlation alone without definitions; what is not correlated stays apart', async () => {
    const result = await compared({ kwh: 0.83, temp: 4 }, plain(columns))
    const groups = causesOf(result).map((cause) => cause.columns.toSorted())
    expect(groups).toContainEqual(['usage__mean_7d', 'usage__sum_28d'])
    expect(groups).toContainEqual(['usage__spread_7d'])
    expect(groups).toContainEqual(['weather__felt', 'weather__temp'])
    expect(causesOf(result).every(({ source }) => source === null)).toBe(true)
    expect(causesOf(result).map(({ sentence }) => sentence)).toContainEqual(
      expect.stringMatching(/^1 column follows usage__(mean_7d|sum_28d), which fell by 1[678] %\.$/),
    )
    expect(causesOf(result).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(result.sentence).toMatch(/^.* 1 more thing changed\.$/)
  })
  it('of which a category says which value it was', async () => {
    const result = await compared({ flat: 0.4 })
    expect(result.sentence).toBe('profile__tariff is "flat" in 40 % of its values (70 % before). Nothing else changed.')
  })
  it('or nothing, which is said, too', async () => {
    const result = await compared({})
    expect(causesOf(result)).toEqual([])
    expect(result.sentence).toBe('No change that matters in 8 columns.')
  })
})

describe('faults of the data come first', () => {
  it('nulls of a view are one finding, which takes the changes with it that it explains', async () => {
    const result = await compared({ noWeather: 0.4, kwh: 0.83 }, columns, 1)
    const [fault, moved] = causesOf(result)
    expect(causesOf(result)).toHaveLength(2)
    expect(fault).toMatchObject({
      fault: 'nullRate',
      columns: ['weather__temp', 'weather__felt', 'weather__wind'],
      share: 0,
      sentence: '40 % of rows have no value in 3 columns of view weather (0 % in the reference).',
    })
    expect(moved).toMatchObject({ share: 1, source: { columns: ['kwh'] } })
    expect(result.sentence).toMatch(/^40 % of rows .* Also: kwh fell by 17 %; 3 of 8 columns follow it\.$/)
  })
  it('a change that is larger than the missing rows can make is a cause of its own', async () => {
    // Of the warm half nothing is left: at most 50 % of the rows can explain a gap of 0.5, and 10 % cannot.
    const explained = async (share: number, shift: number) => {
      const values = sample(ROWS, normal(3))
      const kept = values.map((value, i) => (i % 100 < 100 * share ? null : value + shift))
      const { result } = await compareTables(warehouse, { x: double(values) }, { x: double(kept) })
      return causesOf(result).map(({ fault, columns: names }) => [fault ?? 'moved', ...names])
    }
    expect(await explained(0.5, 0.4)).toEqual([['nullRate', 'x']])
    expect(await explained(0.1, 2)).toEqual([['nullRate'], ['moved', 'x']])
  })
  it('nulls do not take a change of the same lineage with them that they cannot explain', async () => {
    // Means of 3 % of the customers are gone, and sums have doubled.
    const reference = await tableOf(warehouse, rows(1))
    const profile = await profileReference(warehouse, { name: 'p', relation: reference, columns, now })
    const given = rows(1)
    const valuesOf = (name: string): readonly number[] => (given[name]?.values ?? []) as readonly number[]
    const current = await tableOf(warehouse, {
      ...given,
      usage__mean_7d: double(valuesOf('usage__mean_7d').map((value, i) => (i % 100 < 3 ? null : value))),
      usage__sum_28d: double(valuesOf('usage__sum_28d').map((value) => 2 * value)),
    })
    const result = await runDrift({ warehouse, profile, current: { relation: current }, now, record: false })
    expect(causesOf(result).map(({ fault, columns: names }) => [fault ?? 'moved', ...names])).toEqual([
      ['nullRate', 'usage__mean_7d'],
      ['moved', 'usage__sum_28d'],
    ])
    expect(result.sentence).toMatch(/^Nulls in usage__mean_7d .* Also: kwh rose by \d+ %/)
  })
  it('a missing column takes those of the same source with it', async () => {
    const reference = await tableOf(warehouse, rows(1))
    const profile = await profileReference(warehouse, { name: 'p', relation: reference, columns, now })
    const { usage__mean_7d: _, ...left } = rows(2, { kwh: 0.83 })
    const current = await tableOf(warehouse, left)
    const result = await runDrift({ warehouse, profile, current: { relation: current }, now, record: false })
    expect(causesOf(result)).toMatchObject([
      {
        fault: 'missingColumn',
        head: 'usage__mean_7d',
        columns: ['usage__mean_7d', expect.any(String), expect.any(String)],
        sentence: 'Column usage__mean_7d is missing: 2 changed columns follow.',
      },
    ])
  })
})
