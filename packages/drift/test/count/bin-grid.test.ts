import fc from 'fast-check'
import { expect, it } from 'vitest'
import { binOf, justBelow } from '../../src/count/bin-edges.ts'
import { BinGrid } from '../../src/count/in-process/bin-grid.ts'

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -50, max: 50 }),
  fc.constantFrom(0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 1e-320),
  fc.double({ min: 1e6, max: 1e6 + 1e-6, noNaN: true }),
)

it('finds the bin that a search among all edges finds, on every edge and beside it too', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 300, size: 'max' }), fc.array(number), (some, others) => {
      const edges = [...new Set(some.map((edge) => edge + 0))].toSorted((a, b) => a - b)
      const numbers = [...edges, ...edges.map(justBelow).filter(Number.isFinite), ...others]
      const bins = new Int32Array(numbers.length)
      new BinGrid(edges).place(Float64Array.from(numbers), bins)
      expect([...bins]).toEqual(numbers.map((value) => binOf(value, edges)))
    }),
  )
})
