import fc from 'fast-check'
import { expect, it } from 'vitest'
import { selectRanks } from '../../src/profile/select-ranks.ts'

const values = fc.oneof(
  fc.array(fc.double({ noNaN: true }), { maxLength: 400, size: 'max' }),
  fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 400, size: 'max' }),
  // Ascending, descending, and from both ends to the middle.
  fc.integer({ min: 0, max: 400 }).map((rows) => Array.from({ length: rows }, (_, row) => row)),
  fc.integer({ min: 0, max: 400 }).map((rows) => Array.from({ length: rows }, (_, row) => -row)),
  fc.integer({ min: 0, max: 400 }).map((rows) => Array.from({ length: rows }, (_, row) => Math.abs(2 * row - rows))),
)

it('moves the values at some ranks to where sorting has them, and loses none', () => {
  fc.assert(
    fc.property(values, fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })), (drawn, levels) => {
      const found = Float64Array.from(drawn, (value) => value + 0)
      const sorted = found.toSorted()
      const ranks = [...new Set(levels.map((level) => Math.floor(level * found.length)))]
        .filter((rank) => rank < found.length)
        .toSorted((a, b) => a - b)
      selectRanks(found, ranks)
      expect(ranks.map((rank) => found[rank])).toEqual(ranks.map((rank) => sorted[rank]))
      expect(found.toSorted()).toEqual(sorted)
    }),
    { numRuns: 300 },
  )
})
