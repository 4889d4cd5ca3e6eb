import { expect, it } from 'vitest'
import { f64, func, i32, moduleOf, repeatWhile, when, type Func } from '../../src/kernels/assembly.ts'

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Memory: new (limits: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...operands: readonly number[]) => number>> }
}

function run(
  of: Func,
  ...operands: readonly number[]
): { readonly result: number | undefined; readonly memory: DataView } {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleOf({ of })), { of: { memory } })
  return { result: exports['of']?.(...operands), memory: new DataView(memory.buffer) }
}

it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 2 ** 31 - 1, -(2 ** 31)])(
  'writes the whole number %d',
  (value) => {
    expect(run(func({}, {}, () => [i32.const(value)])).result).toBe(value)
  },
)

it.each([0, 0.1, -1e300, 5e-324, Infinity])('writes the double %d', (value) => {
  expect(run(func({}, {}, () => [f64.const(value)])).result).toBe(value)
})

it.each([0, 8, 127, 128, 20_000])('stores and loads %d bytes beyond an address', (beyond) => {
  const { result, memory } = run(
    func({ at: 'i32', value: 'f64' }, {}, ({ at, value }) => [f64.store(at, value, beyond), f64.load(at, beyond)]),
    16,
    0.5,
  )
  expect([result, memory.getFloat64(16 + beyond, true)]).toEqual([0.5, 0.5])
})

it('repeats, and takes one way or the other', () => {
  const sums = func({ count: 'i32' }, { at: 'i32', odd: 'i32', even: 'i32' }, ({ count, at, odd, even }) => [
    repeatWhile(
      i32.lt_u(at, count),
      when(i32.and(at, i32.const(1)), [odd.set(i32.add(odd, at))], [even.set(i32.add(even, at))]),
      at.set(i32.add(at, i32.const(1))),
    ),
    i32.add(i32.shl(odd, i32.const(8)), even),
  ])
  expect(run(sums, 0).result).toBe(0)
  expect(run(sums, 8).result).toBe(256 * (1 + 3 + 5 + 7) + (2 + 4 + 6))
})
