import fc from 'fast-check'
import { expect, it } from 'vitest'
import { binOf, justBelow } from '../../src/count/bin-edges.ts'
import { BinGrid } from '../../src/count/in-process/bin-grid.ts'
import { Workbench } from '../../src/kernels/workbench.ts'

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
      using bench = Workbench.take()
      const grid = new BinGrid(bench, edges)
      const [at, bins] = [bench.take(8 * (numbers.length + 1)), bench.take(4 * (numbers.length + 1))]
      bench.doubles.set(numbers, at / 8)
      grid.place(at, numbers.length, bins)
      expect([...bench.integersAt(bins, numbers.length)]).toEqual(numbers.map((value) => binOf(value, edges)))
    }),
  )
})
