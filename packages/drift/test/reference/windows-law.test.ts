import { describe, expect, it } from 'vitest'
import { designEffect, seasonalEffect, type SeasonalCounts } from '../../src/index.ts'
import { alerts, reportOf, type ReportOptions, type Rows } from '../law/report.ts'
import { fastNormal, fastUniform } from '../law/fast-random.ts'

const seed = Number(process.env['MARTLET_SEED'] ?? 1)
const HOUR = 3600
const WEEK_HOURS = 168

/** Hourly rows of nine weeks, each around a level of its own; the last week is the window. */
function weeks(start: number, columns: number, between: number, shift = 0): { reference: Rows; current: Rows } {
  const draw = fastNormal(start)
  const drawn = Array.from({ length: columns }, (_, column) =>
    Array.from({ length: 9 }, (__, week) => {
      const level = between * draw() + (week === 8 && column === 0 ? shift : 0)
      return Array.from({ length: WEEK_HOURS }, () => level + draw())
    }),
  )
  const rows = (first: number, last: number): Rows => ({
    columns: drawn.map((series) => series.slice(first, last).flat()),
    entity: null,
    time: Array.from({ length: (last - first) * WEEK_HOURS }, (_, hour) => (first * WEEK_HOURS + hour) * HOUR),
  })
  return { reference: rows(0, 8), current: rows(8, 9) }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The definition, row by row and cell by cell. */
function slowShares(counts: SeasonalCounts, cells: number): number {
  const groups = counts.map((group) => group.map((list) => list.slice(0, cells)))
  const n = sum(groups.flat(2))
  const size = groups.map((group) => sum(group.flat()))
  const kish = n ** 2 / sum(size.map((rows) => rows ** 2))
  const seasons = (groups[0] ?? []).map((_, season) => groups.map((group) => group[season] ?? []))
  const means = sum(
    seasons.map((lists) => {
      const all = sum(lists.flat())
      return sum(lists.map((list, group) => (sum(list) === 0 ? 0 : sum(list) ** 2 / ((size[group] ?? 1) * all))))
    }),
  )
  let [trace, used] = [0, 0]
  for (let cell = 0; cell < cells; cell += 1) {
    const share = sum(groups.flat().map((list) => list[cell] ?? 0)) / n
    if (share === 0) continue
    used += 1
    for (const group of groups) {
      let residual = 0
      for (const [season, list] of group.entries()) {
        const all = seasons[season] ?? []
        const expected = sum(all.map((other) => other[cell] ?? 0)) / Math.max(1, sum(all.flat()))
        residual += (list[cell] ?? 0) - expected * sum(list)
      }
      trace += (residual ** 2 * kish) / (kish - means) / n / share
    }
  }
  return trace / (used - 1) - 1
}

describe('how much windows differ beyond their seasons', () => {
  it('is that of its definition, and with one season that of groups', () => {
    const chance = fastUniform(seed)
    for (let draw = 0; draw < 60; draw += 1) {
      const [groups, seasons, cells] = [6 + Math.floor(chance() * 9), 1 + (draw % 4), 2 + Math.floor(chance() * 6)]
      const counts = Array.from({ length: groups }, () =>
        Array.from({ length: seasons }, () => {
          const size = chance() < 0.2 ? 0 : 5 + chance() * 60
          return Array.from({ length: cells }, () => Math.floor(size * chance()))
        }),
      )
      const found = seasonalEffect(counts, cells)
      if (found === null) continue
      expect(found.shares, `seed ${seed}, draw ${draw}`).toBeCloseTo(slowShares(counts, cells), 9)
      if (seasons > 1) continue
      const flat = counts.map(([list = []]) => list)
      const moments = {
        counts: Array.from({ length: cells }, (_, k) => sum(flat.map((list) => list[k] ?? 0))),
        products: Array.from({ length: cells }, (_, k) =>
          Array.from({ length: cells }, (__, l) => sum(flat.map((list) => (list[k] ?? 0) * (list[l] ?? 0)))),
        ),
      }
      const plain = designEffect(moments, cells)
      for (const of of ['shares', 'spread', 'cumulative', 'groups'] as const)
        expect(found[of], `seed ${seed}, draw ${draw}, ${of}`).toBeCloseTo(plain?.[of] ?? Number.NaN, 7)
    }
  })

  it('leaves nothing where days of one name are alike, and everything where they are not', () => {
    const monday = [40, 10]
    const sunday = [10, 40]
    const none = [0, 0]
    const alike = Array.from({ length: 8 }, (_, day) => (day % 2 === 0 ? [monday, none] : [none, sunday]))
    expect(seasonalEffect(alike, 2)?.shares).toBeCloseTo(-1, 12)
    expect(seasonalEffect(alike, 2)?.groups).toBeCloseTo(7, 12)
    const asOne = alike.map(([a = none, b = none]) => [a.map((count, cell) => count + (b[cell] ?? 0))])
    expect(seasonalEffect(asOne, 2)?.shares).toBeGreaterThan(10)
  })
})

describe('a window and the eight weeks before it, whose levels differ', () => {
  it('has a p below 5 % about as often as that, unlike rows that count as independent', () => {
    let [found, asIndependent] = [0, 0]
    for (let run = 0; run < 3; run += 1) {
      const { reference, current } = weeks(700 + run, 40, 0.3)
      const below = (options: ReportOptions): number =>
        reportOf(reference, current, options).windows[0]?.columns.filter(({ p }) => (p ?? 1) < 0.05).length ?? 0
      found += below({ windows: 8 })
      asIndependent += below({ windows: 8, dependent: false })
    }
    // Of 120, more than 12 are below 5 % by chance once in a hundred times.
    expect(found).toBeLessThanOrEqual(12)
    expect(asIndependent).toBeGreaterThan(40)
  })

  it('also if only one of them is compared with, as with a year ago, and the others show how much weeks differ', () => {
    let [found, asIndependent] = [0, 0]
    for (let run = 0; run < 3; run += 1) {
      const { reference, current } = weeks(900 + run, 40, 0.3)
      const below = (options: ReportOptions): number =>
        reportOf(reference, current, { ...options, windows: 8, comparedWindow: 4 }).windows[0]?.columns.filter(
          ({ p }) => (p ?? 1) < 0.05,
        ).length ?? 0
      found += below({})
      asIndependent += below({ dependent: false })
    }
    expect(found).toBeLessThanOrEqual(12)
    expect(asIndependent).toBeGreaterThan(40)
    let moved = 0
    for (let run = 0; run < 10; run += 1) {
      const { reference, current } = weeks(950 + run, 1, 0.15, 1.5)
      if (alerts(reportOf(reference, current, { windows: 8, comparedWindow: 4 }))) moved += 1
    }
    expect(moved).toBeGreaterThanOrEqual(6)
  })

  it('finds a level that moved by far more than weeks differ', () => {
    let found = 0
    for (let run = 0; run < 20; run += 1) {
      const { reference, current } = weeks(800 + run, 1, 0.15, 1.2)
      if (alerts(reportOf(reference, current, { windows: 8 }))) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(14)
  })
})
