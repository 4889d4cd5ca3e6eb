import { describe, expect, test } from 'vitest'
import { folderArtifacts, type Registration } from '../../src/index.ts'
import { failure } from '../support/failure.ts'
import { collect, fixture, linear, temporaryRegistry } from '../support/registries.ts'
import { modelOf, op, sequenceValue } from '../support/onnx-parts.ts'
import { service } from '../support/services.ts'

const three = service([{ name: 'a' }, { name: 'b' }, { name: 'c' }])

describe('what is refused leaves nothing behind', () => {
  const cases: [string, () => Promise<Registration>, string, RegExp][] = [
    [
      'bytes that are not a model',
      async () => linear(5, { onnx: new TextEncoder().encode('hello') }),
      'ONNX_MALFORMED',
      /not a whole ONNX model/,
    ],
    [
      'a sequence output',
      async () =>
        linear(5, {
          onnx: modelOf([op('SplitToSequence', ['x'], ['parts'])], { outputs: [sequenceValue('parts')] }),
        }),
      'ONNX_UNSUPPORTED',
      /not a tensor/,
    ],
    [
      'another service',
      async () => linear(5, { service: three }),
      'SIGNATURE_MISMATCH',
      /takes 2 features, the service has 3/,
    ],
    [
      'a model the runtime fails on',
      async () =>
        linear(5, {
          onnx: await fixture('cannot-run'),
          service: three,
          goldenRows: { inputs: [[1, 2, 3]], outputs: { y: [1] }, tolerance: { absolute: 0, relative: 0 } },
        }),
      'MODEL_RUN_FAILED',
      /MatMul/,
    ],
    [
      'an operator the runtime does not know',
      async () => {
        const onnx = Buffer.from(linear(5).onnx)
        onnx.write('MatMuz', onnx.lastIndexOf('MatMul'))
        return linear(5, { onnx })
      },
      'MODEL_CANNOT_OPEN',
      /MatMuz/,
    ],
    [
      'one answer for the whole batch, which the file does not say',
      async () =>
        linear(5, {
          onnx: await fixture('one-answer-unsaid'),
          service: three,
          goldenRows: { inputs: [[1, 2, 3]], outputs: { y: [6] }, tolerance: { absolute: 0, relative: 0 } },
        }),
      'OUTPUT_SHAPE',
      /"y" of model next_day has the shape \[\] for 1 rows/,
    ],
    [
      'golden rows with another answer',
      async () => linear(5, { goldenRows: { ...linear(5).goldenRows, outputs: { prediction: [13, 44] } } }),
      'GOLDEN_ROWS_DISAGREE',
      /row 1 of "prediction": expected 44, got 43/,
    ],
    [
      'an infinite answer where a finite one is expected',
      async () => linear(5, { goldenRows: { ...linear(5).goldenRows, outputs: { prediction: [13, Infinity] } } }),
      'GOLDEN_ROWS_DISAGREE',
      /expected Infinity, got 43/,
    ],
    [
      'no golden rows',
      async () => linear(5, { goldenRows: { ...linear(5).goldenRows, inputs: [], outputs: {} } }),
      'GOLDEN_ROWS_INVALID',
      /there are no rows; no output is given/,
    ],
    [
      'an output the model does not have',
      async () => linear(5, { goldenRows: { ...linear(5).goldenRows, outputs: { y: [1, 2] } } }),
      'GOLDEN_ROWS_INVALID',
      /no output "y", only "prediction"/,
    ],
    [
      'golden rows of another length',
      async () => linear(5, { goldenRows: { ...linear(5).goldenRows, outputs: { prediction: [13] } } }),
      'GOLDEN_ROWS_INVALID',
      /1 values for 2 rows/,
    ],
    [
      'a tolerance that accepts all',
      async () =>
        linear(5, { goldenRows: { ...linear(5).goldenRows, tolerance: { absolute: Number.NaN, relative: 0 } } }),
      'GOLDEN_ROWS_INVALID',
      /tolerance.absolute is NaN/,
    ],
    [
      'a golden row that lacks a feature',
      async () => linear(5, { goldenRows: { ...linear(5).goldenRows, inputs: [{ usage__kwh_7d: 1 }, [1, 2]] } }),
      'FEATURE_ROW_INVALID',
      /Row 0 lacks "usage__kwh_28d"/,
    ],
    ['a name that is not valid', async () => linear(5, { model: '../x' }), 'NAME_INVALID', /not a model name/],
    ['nobody', async () => linear(5, { actor: ' ' }), 'ACTOR_MISSING', /actor is empty/],
  ]
  test.for(cases)('%s', async ([, registration, code, message]) => {
    const { registry, folder } = await temporaryRegistry()
    const error = await failure(async () => registry.register(await registration()))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)])
    expect(await registry.models()).toEqual([])
    expect(await collect(folderArtifacts(`${folder}/artifacts`).list())).toEqual([])
  })
})
