import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { FeatureValue, OnlineVectors } from '@martlet/feature-store'
import { describe, expect, test } from 'vitest'
import { linearRegressionOnnx, loadModel, nodeRuntime, type OnnxRuntime } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { fixture, linear, temporaryRegistry, twoFeatures } from '../support/registries.ts'
import { service } from '../support/services.ts'

const champion = { model: 'next_day', version: 'champion' }
const three = service([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
const exact = { absolute: 0, relative: 0 }

/** An online answer over a table of values, as the feature store gives it. */
function vectors(
  plan: OnlineVectors['service'],
  table: readonly (readonly FeatureValue[])[],
): Pick<OnlineVectors, 'rows' | 'service' | 'value' | 'fill'> {
  return {
    service: plan,
    rows: table.length,
    value: (row, field) => table[row]![field]!,
    fill(field, target, offset, stride) {
      table.forEach((row, index) => {
        const value = row[field]!
        target[offset + index * stride] = value === null ? Number.NaN : Number(value)
      })
    },
  }
}

test('a model answers alike however its features are given', async () => {
  const { registry } = await temporaryRegistry()
  await registry.register(linear(5))
  await registry.setAlias('next_day', 'champion', 1, { expect: null, reason: 'first', actor: 'me' })
  await using model = await loadModel(registry, champion, { service: twoFeatures })
  expect(model.version.version).toBe(1)
  const table = [
    [1, 2],
    [3, null],
  ]
  const answers = [
    await model.predict(table),
    await model.predict([
      { usage__kwh_28d: 2, usage__kwh_7d: 1 },
      { usage__kwh_7d: 3, usage__kwh_28d: null },
    ]),
    await model.predictVectors(vectors(twoFeatures, table)),
    await model.run(Float32Array.of(1, 2, 3, Number.NaN), 2),
  ]
  for (const answer of answers)
    expect(answer).toEqual({ prediction: { element: 'float32', dims: [2, 1], data: Float32Array.of(13, 41) } })
})

describe('a fixed number of rows', () => {
  test.for(['batch-of-one', 'batch-of-four'])('%s: any number of rows is answered, in order', async (name) => {
    const { registry } = await temporaryRegistry()
    await registry.register({
      model: name,
      onnx: await fixture(name),
      service: three,
      goldenRows: { inputs: [[1, 2, 3]], outputs: { y: [321] }, tolerance: exact },
      actor: 'trainer',
    })
    await using model = await loadModel(registry, { model: name, version: 1 })
    const digit = fc.integer({ min: 0, max: 9 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(digit, digit, digit), { minLength: 1, maxLength: 13 }), async (rows) => {
        const want = rows.map(([a, b, c]) => a + 10 * b + 100 * c)
        const features = Float32Array.from(rows.flat())
        for (const { y } of [
          await model.predict(rows),
          await model.run(features, rows.length),
          await model.predictVectors(vectors(three, rows)),
        ]) {
          expect(y!.dims).toEqual([rows.length, 1])
          expect([...y!.data]).toEqual(want)
        }
        expect([...features]).toEqual(rows.flat())
      }),
    )
  })
})

describe('typed columns', () => {
  const typed = service([
    { name: 'whole', type: 'bigint', nullable: true },
    { name: 'flag', type: 'boolean' },
    { name: 'word', type: 'text', nullable: true },
    { name: 'real', nullable: true },
  ])
  const registered = async (): Promise<Awaited<ReturnType<typeof loadModel>>> => {
    const { registry } = await temporaryRegistry()
    await registry.register({
      model: 'echo',
      onnx: await fixture('echo'),
      service: typed,
      inputs: {
        usage__whole: { input: 'whole', nullAs: -1 },
        usage__flag: 'flag',
        usage__word: { input: 'word', nullAs: 'none' },
        usage__real: 'real',
      },
      goldenRows: {
        inputs: [
          [9007199254740993n, true, 'x', 0.1],
          [null, false, null, null],
        ],
        outputs: {
          whole_out: [9007199254740993n, -1],
          flag_out: [true, false],
          word_out: ['x', 'none'],
          real_out: [0.1, Number.NaN],
        },
        tolerance: exact,
      },
      actor: 'trainer',
    })
    return loadModel(registry, { model: 'echo', version: 1 })
  }

  test('64-bit integers, text and missing values reach the model and come back', async () => {
    await using model = await registered()
    expect(model.version.goldenRows.inputs).toEqual([
      [9007199254740993n, true, 'x', 0.1],
      [null, false, null, null],
    ])
    const row = fc.tuple(
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.boolean(),
      fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))),
      fc.option(fc.double({ noNaN: true })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
        const out = await model.predictVectors(vectors(typed, rows))
        expect([...out['whole_out']!.data]).toEqual(rows.map(([whole]) => whole ?? -1n))
        expect([...out['flag_out']!.data]).toEqual(rows.map(([, flag]) => Number(flag)))
        expect([...out['word_out']!.data]).toEqual(rows.map(([, , word]) => word ?? 'none'))
        expect([...out['real_out']!.data]).toEqual(rows.map(([, , , real]) => real ?? Number.NaN))
      }),
    )
  })

  test.for<[string, FeatureValue[], RegExp]>([
    [
      'a fraction for an integer',
      [1.5, true, 'x', 1],
      /"usage__whole" of row 0 is 1.5; input "whole" takes a whole number/,
    ],
    [
      'an integer beyond 64 bits',
      [2n ** 63n, true, 'x', 1],
      /takes whole numbers from -9223372036854775808 to 9223372036854775807 \(int64\)/,
    ],
    ['a missing flag', [1, null, 'x', 1], /"usage__flag" of row 0 is missing; input "flag" takes true or false/],
    ['a number for text', [1, true, 7, 1], /"usage__word" of row 0 is 7; input "word" takes text/],
    ['text that the runtime would cut', [1, true, 'a\0b', 1], /without NUL/],
    ['text for a number', [1, true, 'x', '3'], /"usage__real" of row 0 is "3"; input "real" takes a number/],
  ])('%s is refused', async ([, row, message]) => {
    await using model = await registered()
    const error = await failure(() => model.predict([row]))
    expect([error.code, error.message]).toEqual(['FEATURE_VALUE_INVALID', expect.stringMatching(message)])
  })

  test('a matrix cannot be run on a model of columns', async () => {
    await using model = await registered()
    expect((await failure(() => model.run(Float32Array.of(1, 2, 3, 4), 1))).code).toBe('MODEL_LAYOUT')
  })
})

describe('bad batches', () => {
  test.for<[string, (model: Awaited<ReturnType<typeof loadModel>>) => Promise<unknown>, string]>([
    ['no rows', (model) => model.predict([]), 'BATCH_INVALID'],
    ['a matrix of another size', (model) => model.run(Float32Array.of(1, 2, 3), 2), 'BATCH_INVALID'],
    ['zero rows of a matrix', (model) => model.run(new Float32Array(), 0), 'BATCH_INVALID'],
    ['a row too short', (model) => model.predict([[1]]), 'FEATURE_ROW_INVALID'],
    ['a misspelt feature', (model) => model.predict([{ usage__kwh_7: 1, usage__kwh_28d: 2 }]), 'FEATURE_ROW_INVALID'],
    ['text in a matrix', (model) => model.predict([[1, 'two']]), 'FEATURE_VALUE_INVALID'],
  ])('%s', async ([, run, code]) => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(5))
    await using model = await loadModel(registry, { model: 'next_day', version: 1 })
    expect((await failure(() => run(model))).code).toBe(code)
  })
})

describe('loading verifies', () => {
  test('the bytes of the artifact', async () => {
    const { registry, folder } = await temporaryRegistry()
    const { version } = await registry.register(linear(5))
    const { sha256 } = version.artifact
    await writeFile(join(folder, 'artifacts/sha256', sha256.slice(0, 2), sha256), linear(6).onnx)
    expect((await failure(() => loadModel(registry, { model: 'next_day', version: 1 }))).code).toBe('ARTIFACT_CORRUPT')
  })

  test('that the model still gives its golden answers', async () => {
    const { registry, folder, db } = await temporaryRegistry()
    await registry.register(linear(5))
    const real = await nodeRuntime()
    const other = linearRegressionOnnx({ features: ['usage__kwh_7d', 'usage__kwh_28d'], weights: [2, 3], bias: 5.5 })
    const broken: OnnxRuntime = { name: 'another runtime', open: () => real.open(other) }
    const elsewhere = await import('../../src/index.ts').then(({ openRegistry, folderArtifacts }) =>
      openRegistry({ db, artifacts: folderArtifacts(join(folder, 'artifacts')), runtime: broken }),
    )
    expect((await failure(() => loadModel(elsewhere, { model: 'next_day', version: 1 }))).code).toBe(
      'GOLDEN_ROWS_DISAGREE',
    )
    await using unchecked = await loadModel(elsewhere, { model: 'next_day', version: 1 }, { replay: false })
    expect((await unchecked.predict([[1, 1]]))['prediction']?.data[0]).toBe(10.5)
  })

  test('that the service still has the same vector', async () => {
    const { registry } = await temporaryRegistry()
    await registry.register(linear(5))
    const changed = service([{ name: 'kwh_7d', nullable: true }, { name: 'kwh_30d' }, { name: 'more' }])
    const error = await failure(() => loadModel(registry, { model: 'next_day', version: 1 }, { service: changed }))
    expect([error.code, error.data['differences']]).toEqual([
      'SIGNATURE_MISMATCH',
      [
        'feature "usage__kwh_7d" may now be null.',
        'at position 1 the model takes "usage__kwh_28d", the service has "usage__kwh_30d".',
        'the service now has "usage__more" too.',
      ],
    ])
    const error2 = await failure(() =>
      loadModel(registry, { model: 'next_day', version: 1 }, { service: service([{ name: 'kwh_7d', type: 'text' }]) }),
    )
    expect(error2.data['differences']).toEqual([
      'feature "usage__kwh_7d" was "double" and is now "text".',
      'the service no longer has "usage__kwh_28d".',
    ])
  })
})
