import { describe, expect, it } from 'vitest'
import { countCategories } from '../../src/count/bin-array.ts'
import {
  designEffect,
  logBeta,
  logFTail,
  logGamma,
  logUnevenTail,
  profileCategories,
  withEstimatedSpread,
  type GroupMoments,
} from '../../src/index.ts'
import { categoryEvidence } from '../../src/monitor/evidence-of.ts'
import { unseen } from '../../src/verdict/findings/unseen.ts'
import { effectiveRows, type RowWorth } from '../../src/compare/dependence.ts'
import { rowWorth } from '../../src/compare/row-worth.ts'
import type { GroupEffect } from '../../src/profile/group-effects.ts'
import { blockLengths } from '../../src/profile/time-blocks.ts'
import { floorsOf, policyFrom } from '../../src/verdict/policy.ts'

/** The moments of groups, each a list of counts by cell. */
function momentsOf(groups: readonly (readonly number[])[]): GroupMoments {
  const cells = groups[0]?.length ?? 0
  const indices = Array.from({ length: cells }, (_, cell) => cell)
  const sum = (of: (group: readonly number[]) => number): number => groups.reduce((all, group) => all + of(group), 0)
  return {
    counts: indices.map((k) => sum((group) => group[k] ?? 0)),
    products: indices.map((k) => indices.map((l) => sum((group) => (group[k] ?? 0) * (group[l] ?? 0)))),
  }
}

describe('tails with an estimated spread', () => {
  it('are those of tables', () => {
    expect(Math.exp(logBeta(0.5, 2, 3))).toBeCloseTo(0.6875, 12)
    // F(1, 10) at t² is Student's two-sided tail at t: 2.228138852 is its 5 % point, 1.812461123 the 10 % point.
    expect(Math.exp(logFTail(2.2281388519649385 ** 2, 1, 10))).toBeCloseTo(0.05, 9)
    expect(Math.exp(logFTail(1.8124611228107335 ** 2, 1, 10))).toBeCloseTo(0.1, 9)
    // With 2 and n degrees the tail is (1 + 2f/n)^(−n/2).
    expect(logFTail(400, 2, 33)).toBeCloseTo((-33 / 2) * Math.log1p(800 / 33), 9)
    expect(logFTail(3, 4, Infinity)).toBeCloseTo(Math.log(7 * Math.exp(-6)), 12)
  })
  it('make a p larger, the more so the fewer degrees', () => {
    expect(Math.exp(withEstimatedSpread(Math.log(0.05), 10))).toBeCloseTo(0.0784, 4)
    expect(withEstimatedSpread(Math.log(0.001), 4)).toBeGreaterThan(withEstimatedSpread(Math.log(0.001), 40))
    expect(withEstimatedSpread(Math.log(0.001), Infinity)).toBe(Math.log(0.001))
    expect(withEstimatedSpread(0, 3)).toBe(0)
  })
})

describe('tails of squares that weigh unevenly', () => {
  it('are an F where all weigh the same, and where only one weighs anything', () => {
    expect(logUnevenTail(20, 9, 1, 20)).toBe(logFTail(20 / 9, 9, 20))
    expect(logUnevenTail(20, 9, 0.5, 20)).toBe(logFTail(20 / 9, 9, 20))
    expect(logUnevenTail(100, 9, 9, 20)).toBeCloseTo(logFTail(100 / 9, 1, 20), 9)
    expect(logUnevenTail(100, 9, 12, 20)).toBeCloseTo(logFTail(100 / 9, 1, 20), 9)
    expect(logUnevenTail(7, 1, 1, 20)).toBe(logFTail(7, 1, 20))
    expect(logUnevenTail(0, 9, 3, 20)).toBe(0)
    expect(logUnevenTail(5, 0, 1, 20)).toBe(0)
  })
  it('are the series of Ruben', () => {
    for (const [statistic, degrees, uneven, denominator] of [
      [1, 9, 4, 20],
      [40, 9, 3, 20],
      [40, 9, 3, Infinity],
      [16, 2, 1.5, 5],
      [20, 9, 1.0001, 20],
      [500, 9, 4, 50],
      [86, 11, 3, Infinity],
    ] as const)
      expect(logUnevenTail(statistic, degrees, uneven, denominator)).toBeCloseTo(
        rubenTail(statistic, degrees, uneven, denominator),
        9,
      )
  })
  it('stay finite where chances are below the smallest double', () => {
    const far = logUnevenTail(20_000, 9, 4, Infinity)
    expect(far).toBeLessThan(logUnevenTail(19_000, 9, 4, Infinity))
    // Between the largest weight alone, and nine that are as large
    const large = 1 + Math.sqrt(3 / 8) * 8
    expect(far).toBeGreaterThan(logFTail(20_000 / large, 1, Infinity))
    expect(far).toBeLessThan(logFTail(20_000 / large / 9, 9, Infinity))
  })
})

/** A square of weight l is a mixture of χ² of weight o with 1, 3, 5 … degrees: Ruben (1962). */
function rubenTail(statistic: number, degrees: number, uneven: number, denominator: number): number {
  const gap = Math.sqrt((uneven - 1) / (degrees - 1))
  const [large, other] = [1 + gap * (degrees - 1), 1 - gap]
  let chance = 0
  for (let j = 0; j < 4000; j += 1) {
    const logWeight =
      logGamma(j + 0.5) -
      logGamma(0.5) -
      logGamma(j + 1) +
      0.5 * Math.log(other / large) +
      j * Math.log1p(-other / large)
    const total = degrees + 2 * j
    chance += Math.exp(logWeight + logFTail(statistic / other / total, total, denominator))
  }
  return Math.log(chance)
}

describe('design effects', () => {
  it('rows that are groups of their own have none, rows that come k at a time count as one of k', () => {
    const alone = Array.from({ length: 400 }, (_, row) => [row % 4 === 0 ? 1 : 0, row % 4 === 0 ? 0 : 1])
    // n/(n − 1) from the estimate of a variance
    expect(designEffect(momentsOf(alone), 2)?.shares).toBeCloseTo(400 / 399 - 1, 12)
    const fives = designEffect(momentsOf(alone.map((group) => group.map((count) => 5 * count))), 2)
    expect(fives).toMatchObject({ shares: expect.closeTo(5 * (400 / 399) - 1, 12), groups: expect.closeTo(400, 9) })
    expect(fives?.cumulative).toBeCloseTo(fives?.shares ?? Number.NaN, 12)
  })
  it('unequal groups count as fewer, and one group says nothing', () => {
    const unequal = [[50, 10], ...Array.from({ length: 4 }, () => [5, 5])]
    expect(designEffect(momentsOf(unequal), 2)?.groups).toBeCloseTo(100 ** 2 / (60 ** 2 + 4 * 10 ** 2), 12)
    expect(designEffect(momentsOf([[90, 10]]), 2)).toBeNull()
  })
})

describe('what rows are worth', () => {
  const effect = (shares: number, groups: number): GroupEffect => ({
    shares,
    spread: shares,
    cumulative: shares,
    nulls: shares,
    nonFinite: 0,
    groups,
  })
  const like = {
    profile: { entity: ['id'], time: { column: 'at', seconds: [86_400, 604_800] } },
    effects: { entity: effect(9, 100), time: [effect(1, 70), effect(2, 10)] },
    referenceRows: 1000,
    rows: 100,
    seconds: 86_400,
    entity: null,
  }
  it('adds entity and time; a window takes the stretch of its length', () => {
    const { reference, current } = rowWorth(like)
    expect(effectiveRows(1000, reference, 'shares')).toBeCloseTo(1000 / 12, 9)
    // Without keys: a tenth of the reference's rows, so a tenth of its effect. A day had 1000/70 rows, and now has 100.
    expect(current.shares).toBeCloseTo(1 + 0.9 + 100 / (1000 / 70), 9)
    expect(rowWorth({ ...like, seconds: 14 * 86_400 }).current.shares).toBeCloseTo(1 + 0.9 + 2 * (100 / 100) * 0.5, 9)
  })
  it('takes entities as they are in the window, of few of them at least what the reference expects', () => {
    const time = 100 / (1000 / 70)
    expect(rowWorth({ ...like, entity: effect(3, 50) }).current.shares).toBeCloseTo(4 + time, 9)
    // Five entities with 20 rows each, where the reference had 10 each
    expect(rowWorth({ ...like, entity: effect(0, 5) }).current.shares).toBeCloseTo(1 + 9 * (19 / 9) + time, 9)
    expect(rowWorth({ ...like, entity: undefined }).current.shares).toBeCloseTo(1 + time, 9)
  })
  it('compares as many stretches as a reference has', () => {
    expect(blockLengths(90 * 86_400)).toEqual([86_400, 604_800])
    expect(blockLengths(10 * 86_400)).toEqual([3600, 86_400])
    expect(blockLengths(3600)).toEqual([])
  })
})

describe('floors of single columns', () => {
  it('replace those of all columns', () => {
    const policy = policyFrom({ columnFloors: { constructor: { psi: { warn: 0.5, crit: 0.9 } } } })
    expect(floorsOf(policy, 'constructor')).toMatchObject({ psi: { warn: 0.5, crit: 0.9 }, ks: policy.floors.ks })
    expect(floorsOf(policy, 'toString').psi).toEqual(policy.floors.psi)
  })
})

describe('values that the reference does not have, of rows that are alike', () => {
  // Customers of 50 rows each, who all live in a place of their own: n/(n − 1) makes them worth a little less than one row.
  const rowsOf = (from: number, to: number): string[] =>
    Array.from({ length: (to - from) * 50 }, (_, row) => `place ${from + Math.floor(row / 50)}`)
  const worth = (groups: number): RowWorth => ({
    shares: (50 * groups) / (groups - 1),
    uneven: 1,
    cumulative: 1,
    nulls: 1,
    nonFinite: 1,
    degrees: groups - 1,
  })
  const found = (then: readonly string[], now: readonly string[]) =>
    unseen(
      [
        categoryEvidence(profileCategories({ name: 'place', type: 'text' }, then), countCategories(now), {
          reference: worth(20),
          current: worth(6),
        }),
      ],
      policyFrom(),
    ).filter(({ severity }) => severity !== 'info')
  it('are no finding when every group has a value of its own', () => {
    expect(found(rowsOf(0, 20), rowsOf(20, 26))).toEqual([])
  })
  it('are one when groups shared their values before', () => {
    const shared = Array.from({ length: 1000 }, (_, row) => `place ${row % 3}`)
    expect(found(shared, rowsOf(20, 26))).toMatchObject([{ kind: 'unseen', severity: 'crit' }])
  })
})
