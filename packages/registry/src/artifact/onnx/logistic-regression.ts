import { linearRegressionOnnx, type LinearModel } from './linear-regression.ts'

/** A logistic regression: a linear model of the log odds. */
export type LogisticModel = Omit<LinearModel, 'link'>

/**
 * Writes a logistic regression as an ONNX file: one float32 input `features` [N, F], one float32 output `probability` [N, 1].
 * Weights are rounded to float32.
 *
 * @throws MartletError LINEAR_MODEL_INVALID when numbers are missing, not finite in float32, or a scale is 0
 *
 * @example logisticRegressionOnnx({ features: ['service__overdue_km'], weights: [0.002], bias: -3, impute: [0] })
 */
export function logisticRegressionOnnx(model: LogisticModel): Uint8Array {
  return linearRegressionOnnx({ output: 'probability', ...model, link: 'logistic' })
}
