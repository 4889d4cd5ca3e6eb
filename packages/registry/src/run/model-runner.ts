import { MartletError } from '@martlet/warehouse'
import type { ModelSignature } from '../signature/signature.ts'
import { joinRows } from '../runtime/make-tensor.ts'
import type { OnnxSession, Tensor, Tensors } from '../runtime/onnx-runtime.ts'
import { encodeFeatures } from './encode-features.ts'
import { sourceOf, type FeatureRow, type FeatureSource } from './feature-rows.ts'

/** Runs a model on rows of features, whatever batch size its file fixes. Every output has one entry per row. */
export interface ModelRunner {
  /** Predicts rows of values. */
  predict(rows: readonly FeatureRow[]): Promise<Tensors>
  /** Predicts rows of an online store without making objects of them. */
  predictVectors(vectors: FeatureSource): Promise<Tensors>
  /**
   * Predicts a float32 matrix [rows, features] in vector order; NaN is a missing value. For models with one float32 input.
   * Do not write to the array before the call has settled.
   */
  run(features: Float32Array, rows: number): Promise<Tensors>
}

export function modelRunner(model: string, signature: ModelSignature, session: OnnxSession): ModelRunner {
  const fetches = signature.outputs.map(({ name }) => name)
  const [input] = signature.inputs
  const width = signature.fields.length

  const runOnce = async (feeds: Tensors, rows: number): Promise<Tensors> => {
    const outputs = await session.run(feeds, fetches).catch((cause: unknown) => {
      if (cause instanceof MartletError) throw cause
      throw new MartletError('MODEL_RUN_FAILED', `Model ${model} failed on a batch of ${rows}: ${reason(cause)}`, {
        data: { model, rows },
        cause,
      })
    })
    for (const [name, { dims }] of Object.entries(outputs))
      if (dims[0] !== rows)
        throw new MartletError(
          'OUTPUT_SHAPE',
          `Output ${JSON.stringify(name)} of model ${model} has the shape [${dims.join(', ')}] for ${rows} rows. ` +
            'Export a model that gives one row out for one row in.',
          { data: { model, output: name, dims, rows } },
        )
    return outputs
  }

  const inBatches = async (
    rows: number,
    feed: (from: number, to: number, size: number) => Tensors,
  ): Promise<Tensors> => {
    if (!Number.isInteger(rows) || rows < 1)
      throw new MartletError(
        'BATCH_INVALID',
        `A prediction of model ${model} was requested for ${rows} rows. Pass at least one.`,
        {
          data: { model, rows },
        },
      )
    const size = signature.batch ?? rows
    if (size === rows) return runOnce(feed(0, rows, rows), rows)
    const parts: Tensors[] = []
    for (let from = 0; from < rows; from += size)
      parts.push(await runOnce(feed(from, Math.min(from + size, rows), size), size))
    return Object.fromEntries(
      fetches.map((name) => [
        name,
        joinRows(
          parts.flatMap((part): readonly Tensor[] => (part[name] === undefined ? [] : [part[name]])),
          rows,
        ),
      ]),
    )
  }

  const predictVectors = async (source: FeatureSource): Promise<Tensors> =>
    inBatches(source.rows, (from, to, size) => encodeFeatures(signature, source, { from, to, size }))

  return {
    predict: async (rows) => predictVectors(sourceOf(signature, rows)),
    predictVectors,
    async run(features, rows) {
      if (signature.layout !== 'tensor' || input?.element !== 'float32')
        throw new MartletError('MODEL_LAYOUT', `Model ${model} does not take one float32 matrix. Use predict.`, {
          data: { model, layout: signature.layout },
        })
      if (features.length !== rows * width)
        throw new MartletError(
          'BATCH_INVALID',
          `Model ${model} got ${features.length} numbers for ${rows} rows of ${width} features. Pass ${rows * width}.`,
          { data: { model, rows, width, length: features.length } },
        )
      return inBatches(rows, (from, to, size) => {
        const whole = from === 0 && to === rows && size === rows
        return {
          [input.name]: {
            element: 'float32',
            dims: [size, width],
            data: whole ? features : padded(features.subarray(from * width, to * width), width, size),
          },
        }
      })
    },
  }
}

function padded(rows: Float32Array, width: number, size: number): Float32Array {
  const batch = new Float32Array(size * width)
  batch.set(rows)
  for (let at = rows.length; at < batch.length; at += width) batch.set(rows.subarray(rows.length - width), at)
  return batch
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
