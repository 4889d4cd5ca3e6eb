import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isotonic } from '../../src/index.ts'
import { binomialDraw } from '../../src/random/binomial-draw.ts'
import { seededUniform } from '../../src/random/seeded-uniform.ts'

/** The fit by its definition: the greatest over all starts of the least over all ends of the mean between them. */
function byDefinition(values: readonly number[], weights: readonly number[]): number[] {
  const mean = (from: number, to: number): number => {
    let [sum, mass] = [0, 0]
    for (let index = from; index <= to; index += 1) {
      sum += (values[index] ?? 0) * (weights[index] ?? 0)
      mass += weights[index] ?? 0
    }
    return sum / mass
  }
  return values.map((_, at) => {
    let greatest = -Infinity
    for (let from = 0; from <= at; from += 1) {
      let least = Infinity
      for (let to = at; to < values.length; to += 1) least = Math.min(least, mean(from, to))
      greatest = Math.max(greatest, least)
    }
    return greatest
  })
}

describe('isotonic regression', () => {
  it('is the max-min formula', () => {
    const row = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
        const [values, weights] = [rows.map(([value]) => value), rows.map(([, weight]) => weight)]
        const expected = byDefinition(values, weights)
        for (const [index, fitted] of isotonic(values, weights).entries())
          expect(fitted).toBeCloseTo(expected[index] ?? Number.NaN, 12)
      }),
      { numRuns: 300 },
    )
  })
  it('what weighs nothing takes the value of its neighbour', () => {
    expect(isotonic([9, 0.2, 9, 0.6, 9], [0, 3, 0, 1, 0])).toEqual([0.2, 0.2, 0.2, 0.6, 0.6])
    expect(isotonic([1, 2], [0, 0])).toEqual([Number.NaN, Number.NaN])
  })
})

describe('draws', () => {
  it.each([
    [12, 0.1],
    [40, 0.7],
    [2000, 0.002],
    [5000, 0.4],
  ])('of %i rows with chance %f have the mean and variance of the binomial law', (rows, p) => {
    const uniform = seededUniform(7)
    const draws = Array.from({ length: 20_000 }, () => binomialDraw(rows, p, uniform))
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length
    const law = rows * p * (1 - p)
    expect(Math.abs(mean - rows * p)).toBeLessThan(4 * Math.sqrt(law / draws.length))
    expect(Math.abs(variance / law - 1)).toBeLessThan(0.06)
    expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw <= rows)).toBe(true)
  })
})
