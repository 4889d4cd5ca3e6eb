import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Workbench } from '../../src/kernels/workbench.ts'

const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, 5e-324))
const rows = fc.array(fc.record({ value: number, isNull: fc.boolean(), window: fc.integer({ min: -1, max: 3 }) }), {
  maxLength: 70,
  size: 'max',
})

it('finds whether all doubles are finite, however many they are', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 9 }), (values) => {
      using bench = Workbench.take()
      // What lies behind them does not count.
      const at = bench.take(8 * (values.length + 1))
      bench.doubles.set([...values, NaN], at / 8)
      expect(bench.run.areFinite(at, at + 8 * values.length)).toBe(values.every(Number.isFinite) ? 1 : 0)
    }),
    { numRuns: 500 },
  )
})

it('keeps the finite doubles of rows with a value and a window, in order, and their windows', () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      using bench = Workbench.take()
      const values = bench.take(8 * drawn.length)
      const nulls = bench.take(drawn.length)
      const windows = bench.take(4 * drawn.length)
      bench.doubles.set(
        drawn.map(({ value }) => value),
        values / 8,
      )
      bench.bytes.set(
        drawn.map(({ isNull }) => Number(isNull)),
        nulls,
      )
      bench.integersAt(windows, drawn.length).set(drawn.map(({ window }) => window))
      const end = bench.run.keepFinite(values, values + 8 * drawn.length, nulls, windows, windows)
      const kept = drawn.filter(({ value, isNull, window }) => Number.isFinite(value) && !isNull && window >= 0)
      expect(end).toBe(values + 8 * kept.length)
      expect([...bench.doublesAt(values, kept.length)]).toEqual(kept.map(({ value }) => value))
      expect([...bench.integersAt(windows, kept.length)]).toEqual(kept.map(({ window }) => window))
    }),
  )
})

it('adds up products of eight numbers at a time', () => {
  const eights = fc.integer({ min: 0, max: 9 }).chain((count) => {
    const half = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 8 * count, maxLength: 8 * count })
    return fc.tuple(half, half)
  })
  fc.assert(
    fc.property(eights, ([left, right]) => {
      using bench = Workbench.take()
      const [a, b] = [bench.take(2 * left.length), bench.take(2 * right.length)]
      new Int16Array(bench.bytes.buffer, a, left.length).set(left)
      new Int16Array(bench.bytes.buffer, b, right.length).set(right)
      const sum = left.reduce((total, value, index) => total + value * (right[index] ?? 0), 0)
      expect(bench.run.sumOfProducts(a, a + 2 * left.length, b)).toBe(sum)
    }),
  )
})

it('keeps what has an address while memory grows, and forgets what was borrowed', () => {
  using bench = Workbench.take()
  const first = bench.take(24)
  bench.doubles.set([1, 2, 3], first / 8)
  const borrowed = bench.borrow(() => {
    const at = bench.take(1_000_000)
    bench.bytes.fill(255, at, at + 1_000_000)
    return at
  })
  expect(borrowed % 16).toBe(0)
  expect(bench.take(8)).toBe(borrowed)
  expect([...bench.doublesAt(first, 3)]).toEqual([1, 2, 3])
  expect(() => bench.borrow(() => expect.fail('in vain'))).toThrow('in vain')
})

it('is one of its own for everybody at the same time, and taken again afterwards', () => {
  const one = Workbench.take()
  const other = Workbench.take()
  expect(other).not.toBe(one)
  one[Symbol.dispose]()
  expect(Workbench.take()).toBe(one)
  one[Symbol.dispose]()
  // A large one is not kept.
  other.take(17e6)
  other[Symbol.dispose]()
  expect(Workbench.take()).toBe(one)
  expect(Workbench.take()).not.toBe(other)
})
