import { MartletError } from '@martlet/warehouse'
import type { DeskMetrics } from '../../desk-metrics.ts'
import { Problem } from '../../problem.ts'
import type { RequestContext } from '../../request-context.ts'
import { sentence } from '../../sentence.ts'
import type { Work } from '../../turns.ts'
import type { InputTensor, ModelTensors, OutputTensor, ServableModel } from '../model-source.ts'
import { joinOutputs } from './join-outputs.ts'
import { modelPaces } from './model-pace.ts'
import { reasonOf } from './refused-rows.ts'

export type Feeds = Readonly<Record<string, InputTensor>>
type Outputs = Readonly<Record<string, OutputTensor>>

/** What a model answered to tensors. */
export interface RanTensors {
  readonly outputs: Outputs
  /** How long the model ran. */
  readonly runMs: number
}

/** Runs models on tensors of callers, past their features. */
export interface TensorRuns {
  /**
   * Runs a model on all its inputs, whose shapes are its own. Many rows are run in parts, between which other requests get a turn.
   *
   * @param rows the rows of every input; none: the outputs are empty, and the model does not run
   * @throws Problem 400 when the model fails on the values, 503 or 504 when it needs too much time or memory
   */
  run(
    context: RequestContext,
    model: ServableModel,
    tensors: ModelTensors,
    feeds: Feeds,
    rows: number,
  ): Promise<RanTensors>
}

export function tensorRuns(metrics: Pick<DeskMetrics, 'modelRows' | 'modelRun'>): TensorRuns {
  const paceOf = modelPaces()
  return {
    async run(context, model, tensors, feeds, rows) {
      if (rows === 0) return { outputs: emptyOutputs(tensors), runMs: 0 }
      const pace = paceOf(model)
      const step = tensors.batch === null ? Math.min(rows, pace.units) : rows
      const work: Work | undefined = step < rows ? context.begin() : undefined
      const labels = { model: model.model, version: String(model.version) }
      const parts: Outputs[] = []
      let runMs = 0
      try {
        for (let from = 0; from < rows; from += step) {
          const to = Math.min(from + step, rows)
          await work?.turn()
          context.check()
          const startedAt = performance.now()
          const outputs = await tensors.run(step < rows ? rowsOf(feeds, from, to) : feeds)
          const milliseconds = performance.now() - startedAt
          pace.learn(to - from, milliseconds)
          metrics.modelRows.inc(labels, to - from)
          runMs += milliseconds
          parts.push(outputs)
        }
        metrics.modelRun.observe(labels, runMs / 1000)
        context.check()
        return { outputs: joinOutputs(parts), runMs }
      } catch (error) {
        throw error instanceof MartletError ? (problemOf(model, error) ?? error) : error
      } finally {
        work?.end()
      }
    },
  }
}

function rowsOf(feeds: Feeds, from: number, to: number): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { element, dims, data }]) => {
      const perRow = dims.slice(1).reduce((product, size) => product * size, 1)
      const part = sliced(data, from * perRow, to * perRow)
      return [name, { element, dims: [to - from, ...dims.slice(1)], data: part }]
    }),
  )
}

/** A copy of some of the values, in an array of the same kind. */
function sliced(data: InputTensor['data'], from: number, to: number): InputTensor['data'] {
  if (!ArrayBuffer.isView(data)) return data.slice(from, to)
  return isSliceable(data) ? data.slice(from, to) : data
}

interface Sliceable extends ArrayBufferView {
  slice(from: number, to: number): ArrayBufferView
}

function isSliceable(data: ArrayBufferView): data is Sliceable {
  return !(data instanceof DataView)
}

/** Outputs without rows. A size that may be any is 0. */
function emptyOutputs({ outputs }: ModelTensors): Outputs {
  return Object.fromEntries(
    outputs.map(({ name, element, shape }) => [
      name,
      { element, dims: [0, ...(shape ?? [null]).slice(1).map((size) => size ?? 0)], data: [] },
    ]),
  )
}

/** What a failed run says to the caller; undefined when it is no fault of the tensors. */
function problemOf(model: ServableModel, error: MartletError): Problem | undefined {
  const name = `version ${model.version} of model ${model.model}`
  const place = { path: 'inputs' }
  switch (error.code) {
    case 'MODEL_RUN_FAILED':
    case 'OUTPUT_SHAPE':
      return new Problem(
        400,
        'MODEL_REFUSES_TENSORS',
        `inputs: ${name} fails on these values: ${reasonOf(error)}`,
        place,
      )
    case 'MODEL_TIME_LIMIT': {
      const detail = sentence(`${name} exceeded its time limit on these rows and was stopped. Send fewer rows.`)
      return new Problem(504, error.code, detail, place)
    }
    case 'MODEL_MEMORY_LIMIT': {
      const detail = sentence(`${name} exceeded its memory limit on these rows and was stopped. Send fewer rows.`)
      return new Problem(422, error.code, detail, place)
    }
    case 'MODEL_CRASHED':
    case 'MODEL_INTERRUPTED':
    case 'MODEL_BUSY': {
      const detail = sentence(`${name} could not finish these rows. Try again shortly.`)
      return new Problem(503, error.code, detail, { retryAfter: 1 })
    }
    default:
      return undefined
  }
}
