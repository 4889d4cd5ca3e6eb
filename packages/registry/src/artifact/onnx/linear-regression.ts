import { MartletError } from '@martlet/warehouse'
import { LINKS, type Link } from './links.ts'
import { floatTensor, node, onnxModel } from './onnx-writer.ts'
import { tensorValue } from './value-type.ts'

const FLOAT = 1

export interface LinearModel {
  /** Feature names in vector order (`view__feature`); stored in the file and checked at registration. */
  readonly features: readonly string[]
  /** One weight per feature, on the standardised scale when `mean` and `scale` are given. */
  readonly weights: readonly number[]
  readonly bias: number
  /** Subtracted from each feature first. @default zeros */
  readonly mean?: readonly number[]
  /** Divides each feature after the mean is subtracted; none may be 0. @default ones */
  readonly scale?: readonly number[]
  /** Replaces a missing (NaN) feature before standardising; null leaves it missing, so the prediction is NaN. */
  readonly impute?: readonly (number | null)[]
  /** Applied to the sum: nothing, 1/(1+e^-x) for a probability, or e^x for a positive quantity. @default 'identity' */
  readonly link?: Link
  /** The output's name. @default 'prediction' */
  readonly output?: string
}

/**
 * Writes a linear or logistic regression as an ONNX file: one float32 input `features` [N, F], one float32 output [N, 1].
 * Weights are rounded to float32.
 *
 * @throws MartletError LINEAR_MODEL_INVALID when numbers are missing, not finite in float32, or a scale is 0
 *
 * @example linearRegressionOnnx({ features: ['usage__kwh_7d'], weights: [0.15], bias: 1.2, impute: [70] })
 */
export function linearRegressionOnnx(model: LinearModel): Uint8Array {
  const count = model.features.length
  const mean = model.mean ?? model.features.map(() => 0)
  const scale = model.scale ?? model.features.map(() => 1)
  const impute = (model.impute ?? model.features.map(() => null)).map((value) => value ?? Number.NaN)
  const output = model.output ?? 'prediction'
  check(model, { weights: model.weights, mean, scale, impute })
  return onnxModel({
    graph: 'linear_regression',
    inputs: [tensorValue('features', FLOAT, ['N', count])],
    outputs: [tensorValue(output, FLOAT, ['N', 1])],
    nodes: [
      node('IsNaN', ['features'], ['missing']),
      node('Where', ['missing', 'impute', 'features'], ['filled']),
      node('Sub', ['filled', 'mean'], ['centred']),
      node('Div', ['centred', 'scale'], ['standardised']),
      node('MatMul', ['standardised', 'weights'], ['product']),
      node('Add', ['product', 'bias'], ['sum']),
      node(LINKS[model.link ?? 'identity'], ['sum'], [output]),
    ],
    initializers: [
      floatTensor('impute', [count], impute),
      floatTensor('mean', [count], mean),
      floatTensor('scale', [count], scale),
      floatTensor('weights', [count, 1], model.weights),
      floatTensor('bias', [1], [model.bias]),
    ],
    metadata: { 'martlet.features': JSON.stringify(model.features) },
  })
}

function check(
  model: LinearModel,
  vectors: Readonly<Record<'weights' | 'mean' | 'scale' | 'impute', readonly number[]>>,
): void {
  const problems: string[] = []
  if (model.features.length === 0) problems.push('features is empty')
  if (new Set(model.features).size !== model.features.length) problems.push('features names one feature twice')
  if (!Number.isFinite(Math.fround(model.bias))) problems.push(`bias is ${model.bias}`)
  for (const [name, values] of Object.entries(vectors)) {
    if (values.length !== model.features.length)
      problems.push(`${name} has ${values.length} numbers for ${model.features.length} features`)
    const odd = values.findIndex(
      (value) => !Number.isFinite(Math.fround(value)) && !(name === 'impute' && Number.isNaN(value)),
    )
    if (odd !== -1) problems.push(`${name}[${odd}] is ${values[odd]}, which float32 does not hold as a finite number`)
  }
  const zero = vectors.scale.findIndex((value) => Math.fround(value) === 0)
  if (zero !== -1) problems.push(`scale[${zero}] is 0; a feature without spread should be left out or given scale 1`)
  if (problems.length > 0)
    throw new MartletError('LINEAR_MODEL_INVALID', `The linear model cannot be written: ${problems.join('; ')}.`, {
      data: { problems },
    })
}
