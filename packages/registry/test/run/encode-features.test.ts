import type { FeatureValue } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import { expect, test } from 'vitest'
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
