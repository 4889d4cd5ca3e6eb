import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeNumbers } from '../src/count/binned-column.ts'
import { binNumbers } from '../src/count/bin-array.ts'
import { binOf, binEdges } from '../src/count/bin-edges.ts'
import {
  benjaminiHochberg,
  compareArrays,
  jensenShannon,
  ksStatistic,
  ksTest,
  populationStability,
  profileNumbers,
  shares,
  smoothedShares,
  totalVariation,
  wasserstein,
} from '../src/index.ts'
import { normal, sample } from './random.ts'
import { metricOf } from './tables.ts'

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.round(x * 8) / 8)
const values = fc.array(value, { minLength: 1, maxLength: 60 })
const counts = fc
  .integer({ min: 2, max: 12 })
  .chain((bins) =>
    fc.tuple(
      fc.array(fc.nat(500), { minLength: bins, maxLength: bins }),
      fc.array(fc.nat(500), { minLength: bins, maxLength: bins }),
    ),
  )
const sorted = (xs: readonly number[]): number[] => xs.toSorted((a, b) => a - b)

describe('distances', () => {
  it('are symmetric and zero on the same counts', () => {
    fc.assert(
      fc.property(counts, ([left, right]) => {
        const [p, q] = [smoothedShares(left), smoothedShares(right)]
        for (const distance of [populationStability, jensenShannon, totalVariation]) {
          // the same terms in another order: a few units in the last place of numbers up to 10
          expect(Math.abs(distance(p, q) - distance(q, p))).toBeLessThan(1e-14 * 10)
          expect(distance(p, p)).toBe(0)
        }
      }),
    )
  })

  it('KS and Wasserstein are symmetric and zero on themselves', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [left, right] = [sorted(a), sorted(b)]
        expect(ksStatistic(left, right).statistic).toBeCloseTo(ksStatistic(right, left).statistic, 14)
        expect(wasserstein(left, right)).toBe(wasserstein(right, left))
        expect(ksStatistic(left, left).statistic).toBe(0)
        expect(wasserstein(left, left)).toBe(0)
      }),
    )
  })

  it('KS is the gap a brute force finds, and does not care about a monotone map', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const gap = ksStatistic(sorted(a), sorted(b)).statistic
        const brute = Math.max(
          ...[...a, ...b].map((x) =>
            Math.abs(a.filter((v) => v <= x).length / a.length - b.filter((v) => v <= x).length / b.length),
          ),
        )
        expect(Math.abs(gap - brute)).toBeLessThan(1e-14)
        const cube = (x: number): number => x ** 3
        expect(ksStatistic(sorted(a.map(cube)), sorted(b.map(cube))).statistic).toBe(gap)
      }),
    )
  })

  it('Wasserstein over σ does not care about the unit', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 3, maxLength: 40 }),
        values,
        fc.integer({ min: 1, max: 20 }),
        (a, b, power) => {
          // a power of two scales doubles without rounding
          const scale = 2 ** power
          const before = metricOf(compareArrays(a, b), 'wassersteinStd')
          const after = metricOf(
            compareArrays(
              a.map((x) => x * scale),
              b.map((x) => x * scale),
            ),
            'wassersteinStd',
          )
          expect(after.value).toBe(before.value)
        },
      ),
    )
  })

  it('the order of rows does not matter', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const before = compareArrays(a, b).metrics
        const after = compareArrays(a.toReversed(), b.toReversed()).metrics
        // sums of doubles in another order: compare to 9 digits, or to 1e-12 where they cancel
        for (const [index, { value: x }] of before.entries()) {
          const y = after[index]?.value ?? null
          if (x === null || y === null) expect(y).toBe(x)
          else expect(Math.abs(x - y)).toBeLessThanOrEqual(1e-9 * Math.abs(x) + 1e-12)
        }
      }),
    )
  })
})

describe('bins', () => {
  it('every value is in the bin that its edges define', () => {
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 30 }), value, (unsorted, x) => {
        const edges = sorted(unsorted)
        const bin = binOf(x, edges)
        expect(bin === 0 || (edges[bin - 1] ?? Infinity) < x).toBe(true)
        expect(bin === edges.length || x <= (edges[bin] ?? -Infinity)).toBe(true)
      }),
    )
  })

  it('histograms of parts add up to the histogram of the whole', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const { edges } = profileNumbers({ name: 'x', type: 'double' }, [...a, ...b])
        const merged = mergeNumbers(binNumbers(a, edges, 0), binNumbers(b, edges, 0))
        const whole = binNumbers([...a, ...b], edges, 0)
        expect(merged.counts).toEqual(whole.counts)
        expect(merged.finite).toBe(whole.finite)
      }),
    )
  })

  it('edges ascend and hold the deciles, whatever the quantiles', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 103, maxLength: 103 }), (raw) => {
        const { edges, deciles, limits } = binEdges(sorted(raw))
        for (let i = 1; i < edges.length; i += 1) expect(edges[i - 1]).toBeLessThan(edges[i] ?? -Infinity)
        for (const edge of [...deciles, ...(limits ?? [])]) expect(edges).toContain(edge)
      }),
    )
  })
})

describe('chances', () => {
  it('q is never below p, never above 1, and keeps the order of p', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }), (ps) => {
        const qs = benjaminiHochberg(ps)
        for (const [i, p] of ps.entries()) {
          expect(qs[i]).toBeGreaterThanOrEqual(p)
          expect(qs[i]).toBeLessThanOrEqual(1)
          for (const [j, other] of ps.entries()) if (p < other) expect(qs[i]).toBeLessThanOrEqual(qs[j] ?? 1)
        }
      }),
    )
  })

  it('p of KS is uniform when nothing changed', () => {
    const draw = normal(11)
    const ps = Array.from({ length: 2000 }, () => {
      const [a, b] = [sorted(sample(60, draw)), sorted(sample(83, draw))]
      return ksTest(ksStatistic(a, b).statistic, 60, 83)
    })
    const ideal = Array.from({ length: 4000 }, (_, i) => (i + 0.5) / 4000)
    const gap = ksStatistic(sorted(ps), ideal)
    // the seed is fixed; a wrong p would be far beyond this
    expect(ksTest(gap.statistic, ps.length, ideal.length)).toBeGreaterThan(0.001)
  })

  it('shares of nothing are zero, never NaN', () => {
    expect(shares([0, 0])).toEqual([0, 0])
  })
})
