import type { FeatureValue } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import { describe, expect, test } from 'vitest'
import type { ElementType } from '../../src/artifact/onnx/element-type.ts'
import { encodeFeatures } from '../../src/run/encode-features.ts'
import { sourceOf } from '../../src/run/feature-rows.ts'
import type { ModelSignature } from '../../src/signature/signature.ts'

function columns(inputs: Readonly<Record<string, readonly [ColumnType, ElementType]>>): ModelSignature {
  const entries = Object.entries(inputs)
  return {
    layout: 'columns',
    inputs: entries.map(([name, [, element]]) => ({ name, element, shape: null })),
    outputs: [],
    fields: entries.map(([input, [type]]) => ({
      field: `totals__${input}`,
      type,
      nullable: true,
      input,
      column: null,
      nulls: { kind: 'nan' },
    })),
    batch: null,
    opsets: {},
  }
}

function encoded(signature: ModelSignature, rows: readonly (readonly FeatureValue[])[]) {
  return encodeFeatures(signature, sourceOf(signature, rows), { from: 0, to: rows.length, size: rows.length })
}

test('an int64 input has every digit of a whole number', () => {
  const signature = columns({ k: ['bigint', 'int64'] })
  const { k } = encoded(signature, [[18014398509481983n], [-(2n ** 63n)], [9007199254740991]])
  expect(k?.data).toEqual(BigInt64Array.of(18014398509481983n, -(2n ** 63n), 9007199254740991n))
})

test('a float input has the number that is nearest to the exact value', () => {
  const decimal = { decimal: [38, 10] } as const
  const signature = columns({
    single: ['bigint', 'float32'],
    double: ['bigint', 'float64'],
    fine: [decimal, 'float64'],
  })
  // Between two floats, and nearer to the upper one: by way of a double it would be a tie, and go down.
  const between = 2n ** 60n + 2n ** 36n + 1n
  const { single, double, fine } = encoded(signature, [
    [between, between, '12345678.1234567891'],
    [null, 5n, 0.5],
  ])
  expect(single?.data).toEqual(Float32Array.of(2 ** 60 + 2 ** 37, Number.NaN))
  expect(Math.fround(Number(between))).toBe(2 ** 60)
  expect(double?.data).toEqual(Float64Array.of(2 ** 60 + 2 ** 36, 5))
  expect(fine?.data).toEqual(Float64Array.of(12345678.1234567891, 0.5))
})

test('a matrix takes digits too, and text that is no decimal is refused', () => {
  const fields = columns({ k: ['bigint', 'float32'], fine: [{ decimal: [38, 10] }, 'float32'] }).fields
  const signature: ModelSignature = {
    ...columns({}),
    layout: 'tensor',
    inputs: [{ name: 'x', element: 'float32', shape: null }],
    fields: fields.map((field, column) => ({ ...field, input: 'x', column })),
  }
  const { x } = encoded(signature, [[2n ** 60n + 2n ** 36n + 1n, '-12345678.1234567891']])
  expect(x?.data).toEqual(Float32Array.of(2 ** 60 + 2 ** 37, Math.fround(-12345678.1234567891)))
  expect(() => encoded(signature, [[1n, 'many']])).toThrow(/takes a number/)
})

describe('a matrix of another element type', () => {
  function matrix(element: ElementType, types: readonly ColumnType[], nullAs?: number): ModelSignature {
    const { fields } = columns(Object.fromEntries(types.map((type, index) => [`c${index}`, [type, element] as const])))
    return {
      ...columns({}),
      layout: 'tensor',
      inputs: [{ name: 'x', element, shape: null }],
      fields: fields.map((field, column) => ({
        ...field,
        input: 'x',
        column,
        nulls: nullAs === undefined ? { kind: 'nan' } : { kind: 'value', value: nullAs },
      })),
    }
  }

  test('has whole numbers of any column that holds them, and stand-ins', () => {
    const signature = matrix('int64', ['bigint', 'double', 'boolean', { decimal: [20, 2] }], -1)
    const { x } = encoded(signature, [
      [2n ** 60n + 1n, 7, true, '12345678901234567.00'],
      [null, -0, false, null],
    ])
    expect(x).toEqual({
      element: 'int64',
      dims: [2, 4],
      data: BigInt64Array.of(2n ** 60n + 1n, 7n, 1n, 12345678901234567n, -1n, 0n, 0n, -1n),
    })
    expect(encoded(matrix('int8', ['bigint', 'double']), [[-128n, 127]])['x']?.data).toEqual(Int8Array.of(-128, 127))
    expect(encoded(matrix('uint32', ['bigint']), [[4294967295n]])['x']?.data).toEqual(Uint32Array.of(4294967295))
  })

  test.for<[ElementType, FeatureValue, RegExp]>([
    ['int8', 128n, /"totals__c0" of row 0 is 128; input "x" takes whole numbers from -128 to 127 \(int8\)/],
    ['uint8', -1, /takes whole numbers from 0 to 255 \(uint8\)/],
    ['int32', 2 ** 31, /takes whole numbers from -2147483648 to 2147483647 \(int32\)/],
    ['int32', 0.5, /is 0.5; input "x" takes a whole number/],
    ['uint64', -1n, /takes whole numbers from 0 to 18446744073709551615 \(uint64\)/],
    ['int64', null, /is missing; input "x" takes a whole number/],
    ['float16', 70_000, /takes numbers from -65504 to 65504 \(float16\)/],
  ])('of %s refuses %s by name', ([element, value, message]) => {
    expect(() => encoded(matrix(element, ['double']), [[value]])).toThrow(message)
  })

  test('of halves has the nearest ones, missing as NaN, infinite as infinite', () => {
    const { x } = encoded(matrix('float16', ['double', 'bigint', 'boolean']), [
      [0.1, 2049n, true],
      [null, -3n, false],
      [Infinity, 65_504n, null],
    ])
    expect(x?.data).toEqual(Uint16Array.of(0x2e66, 0x6800, 0x3c00, 0x7e00, 0xc200, 0, 0x7c00, 0x7bff, 0x7e00))
  })
})
