import { MartletError } from '@martlet/warehouse'
import { givenTensor, type GivenTensor } from '../runtime/given-tensor.ts'
import { joinRows } from '../runtime/make-tensor.ts'
import type { OnnxSession, Tensor, Tensors } from '../runtime/onnx-runtime.ts'
import type { ModelSignature } from '../signature/signature.ts'
import { encodeFeatures, type RowRange } from './encode-features.ts'
import { floatsOfHalves } from './half.ts'
import { runtimeReason } from './runtime-reason.ts'
import { sourceOf, type FeatureRow, type FeatureSource } from './feature-rows.ts'

/** Runs a model on rows of features, whatever batch size its file fixes. Every output has one entry per row; halves come as float32. */
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
  /**
   * Runs the model once on tensors of its own inputs, past its features; all have the same number of rows. Do not write to the
   * arrays before the call has settled.
   *
   * @throws MartletError TENSOR_INVALID when an array cannot hold its element type
   * @throws MartletError MODEL_RUN_FAILED when the model fails on them
   */
  runTensors(feeds: Readonly<Record<string, GivenTensor>>): Promise<Tensors>
}

/** A runner of an open session; `model` names it in errors. */
export function modelRunner(model: string, signature: ModelSignature, session: OnnxSession): ModelRunner {
  return new SessionRunner(model, signature, session)
}

class SessionRunner implements ModelRunner {
  readonly #model: string
  readonly #signature: ModelSignature
  readonly #session: OnnxSession
  readonly #fetches: readonly string[]

  constructor(model: string, signature: ModelSignature, session: OnnxSession) {
    this.#model = model
    this.#signature = signature
    this.#session = session
    this.#fetches = signature.outputs.map(({ name }) => name)
  }

  async predict(rows: readonly FeatureRow[]): Promise<Tensors> {
    return this.predictVectors(sourceOf(this.#signature, rows))
  }

  async predictVectors(source: FeatureSource): Promise<Tensors> {
    return this.#inBatches(source.rows, (range) => encodeFeatures(this.#signature, source, range))
  }

  async run(features: Float32Array, rows: number): Promise<Tensors> {
    const { layout, inputs, fields } = this.#signature
    const [input] = inputs
    const width = fields.length
    if (layout !== 'tensor' || input?.element !== 'float32')
      throw new MartletError('MODEL_LAYOUT', `Model ${this.#model} does not take one float32 matrix. Use predict.`, {
        data: { model: this.#model, layout },
      })
    if (features.length !== rows * width)
      throw new MartletError(
        'BATCH_INVALID',
        `Model ${this.#model} got ${features.length} numbers for ${rows} rows of ${width} features. ` +
          `Pass ${rows * width}.`,
        { data: { model: this.#model, rows, width, length: features.length } },
      )
    return this.#inBatches(rows, ({ from, to, size }) => {
      const whole = from === 0 && to === rows && size === rows
      const data = whole ? features : padded(features.subarray(from * width, to * width), width, size)
      return { [input.name]: { element: 'float32', dims: [size, width], data } }
    })
  }

  async runTensors(feeds: Readonly<Record<string, GivenTensor>>): Promise<Tensors> {
    const checked = Object.entries(feeds).map(([name, tensor]) => [name, givenTensor(tensor)] as const)
    return this.#runOnce(Object.fromEntries(checked), checked[0]?.[1].dims[0] ?? 0)
  }

  /** Runs the batches that the file's batch size allows, and joins their outputs. */
  async #inBatches(rows: number, feed: (range: RowRange) => Tensors): Promise<Tensors> {
    if (!Number.isInteger(rows) || rows < 1)
      throw new MartletError(
        'BATCH_INVALID',
        `A prediction of model ${this.#model} was requested for ${rows} rows. Pass at least one.`,
        { data: { model: this.#model, rows } },
      )
    const size = this.#signature.batch ?? rows
    if (size === rows) return this.#runOnce(feed({ from: 0, to: rows, size }), rows)
    const parts: Tensors[] = []
    for (let from = 0; from < rows; from += size)
      parts.push(await this.#runOnce(feed({ from, to: Math.min(from + size, rows), size }), size))
    const partsOf = (name: string): readonly Tensor[] =>
      parts.flatMap((part) => (part[name] === undefined ? [] : [part[name]]))
    return Object.fromEntries(this.#fetches.map((name) => [name, joinRows(partsOf(name), rows)]))
  }

  async #runOnce(feeds: Tensors, rows: number): Promise<Tensors> {
    const outputs = await this.#session.run(feeds, this.#fetches).catch((cause: unknown) => {
      if (cause instanceof MartletError) throw cause
      const said = cause instanceof Error ? cause.message : String(cause)
      const { what, fix } = runtimeReason(said)
      throw new MartletError('MODEL_RUN_FAILED', `Model ${this.#model} failed on a batch of ${rows}: ${what}. ${fix}`, {
        data: { model: this.#model, rows, reason: what, runtime: said },
        cause,
      })
    })
    for (const [name, { dims }] of Object.entries(outputs))
      if (dims[0] !== rows) throw this.#outputShape(name, dims, rows)
    return withoutHalves(outputs)
  }

  #outputShape(name: string, dims: readonly number[], rows: number): MartletError {
    return new MartletError(
      'OUTPUT_SHAPE',
      `Output ${JSON.stringify(name)} of model ${this.#model} has the shape [${dims.join(', ')}] for ${rows} rows. ` +
        'Export a model that gives one row out for one row in.',
      { data: { model: this.#model, output: name, dims, rows } },
    )
  }
}

/** Outputs as numbers: halves as float32, which holds every one of them. */
function withoutHalves(outputs: Tensors): Tensors {
  if (!Object.values(outputs).some(({ element }) => element === 'float16')) return outputs
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [
      name,
      tensor.element === 'float16'
        ? { element: 'float32', dims: tensor.dims, data: floatsOfHalves(tensor.data) }
        : tensor,
    ]),
  )
}

/** A batch of a fixed size: the last row is repeated. */
function padded(rows: Float32Array, width: number, size: number): Float32Array {
  const batch = new Float32Array(size * width)
  batch.set(rows)
  for (let at = rows.length; at < batch.length; at += width) batch.set(rows.subarray(rows.length - width), at)
  return batch
}
