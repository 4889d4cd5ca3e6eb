import { describe, expect, it } from 'vitest'
import { alerts, reportOf } from './report.ts'
import { heavy, independent, panel, seasons, weekly, type Scenario } from './scenarios.ts'

/** At 5 % rather than the default's 1 %, because fewer reports then show the same excess. */
const alpha = 0.05
/** Multiplies the reports of each scenario; the published figures are of `bench/drift/law.ts`. */
const more = Number(process.env['MARTLET_LAW'] ?? 1)

/** The draws are the same every time, and 6 of 639 reports alert; twice as many are above this. */
const MOST_OF_ALL = 0.02

const days = { entities: 60, days: 60, window: 7, lasting: 0.4, common: 0, memory: 0.7, same: true }
const small = { ...days, entities: 30, days: 40, window: 5 }

const unchanged: readonly (Scenario & {
  readonly columns: number
  readonly reports: number
  readonly naive?: number
})[] = [
  { name: 'independent rows', draw: independent(1000, 300), columns: 1, reports: 100 },
  { name: 'independent rows', draw: independent(250, 120), columns: 100, reports: 20 },
  { name: 'heavy tails', draw: independent(1000, 300, heavy), columns: 1, reports: 100 },
  { name: '2 % missing', draw: independent(250, 120, (z) => z, 0.02), columns: 100, reports: 20 },
  {
    name: '300 entities × 90 autocorrelated days',
    draw: panel({ ...days, entities: 300, days: 90 }),
    columns: 1,
    reports: 15,
  },
  {
    name: 'other entities than in the reference',
    draw: panel({ ...days, same: false }),
    columns: 1,
    reports: 60,
    naive: 0.2,
  },
  {
    name: 'other entities than in the reference',
    draw: panel({ ...small, same: false }),
    columns: 100,
    reports: 4,
    naive: 0.9,
  },
  { name: 'days that all entities share', draw: panel({ ...days, common: 0.3 }), columns: 1, reports: 60, naive: 0.4 },
  {
    name: 'days that all entities share, against one of them',
    draw: panel({ ...days, common: 0.3, window: 1 }),
    columns: 1,
    reports: 60,
    naive: 0.4,
  },
  {
    name: 'a week, and the same weekdays of the reference',
    draw: panel({ ...small, common: 0.1, days: 42, window: 3, season: weekly }),
    columns: 1,
    reports: 60,
    sameWeekday: true,
  },
  {
    name: 'weekly and yearly seasons, against a year ago',
    draw: panel({ ...small, common: 0.1, days: 28, gap: 336, window: 28, season: seasons }),
    columns: 1,
    reports: 60,
    naive: 0.2,
  },
  {
    name: 'twelve entities, none of them the same, 2 % missing',
    draw: panel({ ...days, entities: 12, same: false, missing: 0.02 }),
    columns: 1,
    reports: 60,
    naive: 0.1,
  },
  {
    name: 'twelve entities, none of them the same, 2 % missing',
    draw: panel({ ...days, entities: 12, same: false, missing: 0.02 }),
    columns: 100,
    reports: 20,
  },
]

describe('reports on what has not changed alert at most 1.5 times as often as α', () => {
  let [all, allFound] = [0, 0]
  it.each(unchanged)('$name, columns: $columns', ({ draw, columns, reports, naive, sameWeekday = false }) => {
    const repeats = Math.ceil(reports * more)
    let [found, foundAsIndependent] = [0, 0]
    for (let run = 0; run < repeats; run += 1) {
      const { reference, current } = draw(90_000 + 37 * run, columns)
      const options = { policy: { alpha }, sameWeekday }
      if (alerts(reportOf(reference, current, options))) found += 1
      if (naive === undefined) continue
      if (alerts(reportOf(reference, current, { ...options, dependent: false }))) foundAsIndependent += 1
    }
    all += repeats
    allFound += found
    expect(found).toBeLessThanOrEqual(mostHits(repeats, 1.5 * alpha))
    if (naive !== undefined) expect(foundAsIndependent / repeats).toBeGreaterThan(naive)
  })
  it('and all of them together so seldom that twice as many would be seen', () => {
    expect(allFound / all).toBeLessThan(MOST_OF_ALL)
  })
})

/** The most hits of so many draws that chance exceeds less than once in a hundred times. */
function mostHits(draws: number, chance: number): number {
  let term = (1 - chance) ** draws
  let below = term
  let hits = 0
  while (below < 0.99) {
    term *= ((draws - hits) / (hits + 1)) * (chance / (1 - chance))
    hits += 1
    below += term
  }
  return hits
}

describe('what has changed is still found', () => {
  it('a shift of half a σ in one of ten columns of 60 entities × 60 days', () => {
    let found = 0
    for (let run = 0; run < 10; run += 1) {
      const { reference, current } = panel({ ...days, lasting: 0.2 })(500 + run, 10)
      const moved = current.columns.map((values, index) =>
        index === 3 ? values.map((value) => (typeof value === 'number' ? value + 0.5 : value)) : values,
      )
      const { lookAt } = reportOf(reference, { ...current, columns: moved })
      if (lookAt.includes('x3')) found += 1
    }
    expect(found).toBeGreaterThanOrEqual(8)
  })
})
