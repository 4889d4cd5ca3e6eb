import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { JsonBytes } from '../../src/desk/json/json-bytes.ts'
import { predictionWriter } from '../../src/desk/model/predict/prediction-writer.ts'
import { predictAnswer } from '../../src/protocol/martlet/predict-answers.ts'
import { backing, trustedRuntime } from '../support/backing.ts'
import { usageOnly } from '../support/energy.ts'
import { post } from '../support/serve.ts'

const fixtures = new URL('../../../registry/test/fixtures/', import.meta.url)

test('a classifier answers with the classes of its probabilities, another model without', async () => {
  const { registry, register, promote, serve } = await backing('memory', await trustedRuntime())
  await registry.register({
    model: 'band',
    onnx: await readFile(new URL('classifier-zipmap-text.onnx', fixtures)),
    service: usageOnly.plan,
    // any answer will do here: the golden row is the row that is asked for
    goldenRows: { inputs: [[1.5, 10.25, 4]], outputs: { output_label: ['high'] } },
    actor: 'test',
  })
  await registry.setAlias('band', 'champion', 1, { expect: null, reason: 'first', actor: 'test' })
  await promote(await register(0.5))
  const app = serve()
  const keys = [{ customer_id: 'a' }]
  const answer: unknown = await (await post(app, '/v1/models/band/predict', { keys })).json()
  const { classes, rows } = predictAnswer.parse(answer)
  expect(classes).toEqual({ output_probability: ['high', 'low', 'mid'] })
  const { output_label, output_probability } = rows[0]?.prediction ?? {}
  expect(output_label).toBe('high')
  const probabilities = Array.isArray(output_probability) ? output_probability.map(Number) : []
  expect(probabilities).toHaveLength(3)
  expect(probabilities.indexOf(Math.max(...probabilities))).toBe(0)
  const other: unknown = await (await post(app, '/v1/models/usage_model/predict', { keys })).json()
  expect(predictAnswer.parse(other).classes).toBeUndefined()
})

test('outputs of more dimensions are arrays in arrays', () => {
  const data = Float32Array.from({ length: 12 }, (_, index) => index)
  const outputs = {
    row: { element: 'float32', dims: [2], data: Float32Array.of(0.5, Number.NaN) },
    column: { element: 'float32', dims: [2, 1], data: Float32Array.of(1, 2) },
    columns: { element: 'int64', dims: [2, 2], data: BigInt64Array.of(1n, 2n, 3n, 2n ** 62n) },
    cube: { element: 'float32', dims: [2, 3, 2], data },
    thin: { element: 'string', dims: [2, 1, 1], data: ['a', 'b'] },
    empty: { element: 'float32', dims: [2, 0, 3], data: new Float32Array() },
  }
  const write = predictionWriter(outputs)
  const out = new JsonBytes()
  const written = [0, 1].map((row) => {
    write(out, row)
    return out.take().toString()
  })
  expect(written).toEqual([
    '{"row":0.5,"column":1,"columns":[1,2],"cube":[[0,1],[2,3],[4,5]],"thin":[["a"]],"empty":[]}',
    '{"row":null,"column":2,"columns":[3,4611686018427387904],"cube":[[6,7],[8,9],[10,11]],"thin":[["b"]],"empty":[]}',
  ])
})
