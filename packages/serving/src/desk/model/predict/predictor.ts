import type { Asked, PreparedRead } from '../../features/prepared-read.ts'
import { checkValues, rowsPerStep } from '../../features/read-steps.ts'
import type { DeskMetrics } from '../../desk-metrics.ts'
import type { Limits } from '../../limits.ts'
import type { Pace } from '../../pace.ts'
import type { RequestContext } from '../../request-context.ts'
import type { Work } from '../../turns.ts'
import { fillRows, type FilledRows } from './filled-rows.ts'
import type { LiveModels, ModelChoice } from '../live/live-models.ts'
import { modelPaces } from './model-pace.ts'
import type { ModelReads } from '../feed/model-reads.ts'
import type { ServableModel } from '../model-source.ts'
import type { PredictedRows, PredictionSink } from './prediction-sink.ts'
import { predictionWriter } from './prediction-writer.ts'
import { refuseMissing, type Required } from './required-features.ts'
import { runModel } from './run-model.ts'

export interface PredictionRequest {
  readonly model: string
  readonly choice: ModelChoice
  readonly required: Required
  /** The keys to predict, and what the request brings for them, read as the model's service names them. */
  asked(read: PreparedRead): Asked
}

/** What a request asked for, ready to be written. */
export interface Prediction {
  readonly model: ServableModel
  readonly read: PreparedRead
  /** Microseconds since the epoch. */
  readonly at: bigint
  readonly parts: readonly PredictedRows[]
  /** Waits for a turn before every part is written; undefined when there are so few rows that everything is written at once. */
  readonly work: Work | undefined
}

/** Predicts: finds the model, reads its features, checks them, runs it and offers the result to the log. */
export interface Predictor {
  /**
   * Calls `answer` with the prediction and returns what it returns. The model stays in memory until then.
   *
   * @throws Problem when the request cannot be predicted
   */
  predict<T>(
    context: RequestContext,
    request: PredictionRequest,
    answer: (prediction: Prediction) => T | Promise<T>,
  ): Promise<T>
}

interface Parts {
  readonly reads: ModelReads
  readonly live: LiveModels
  readonly limits: Limits
  readonly metrics: DeskMetrics
  readonly log: PredictionSink | undefined
  readonly pace: Pace
  readonly now: () => bigint
}

export function predictor({ reads, live, limits, metrics, log, pace, now }: Parts): Predictor {
  const paceOfModel = modelPaces()

  async function predictEach(
    context: RequestContext,
    work: Work | undefined,
    model: ServableModel,
    filled: readonly FilledRows[],
  ): Promise<readonly PredictedRows[]> {
    const labels = { model: model.model, version: String(model.version) }
    const predicted: PredictedRows[] = []
    let seconds = 0
    for (const part of filled) {
      if (work !== undefined) await work.turn()
      context.check()
      let runMs = 0
      const outputs = await runModel(context, model, part.vectors, part.firstRow, (rows, milliseconds) => {
        runMs = milliseconds
        seconds += milliseconds / 1000
        paceOfModel(model).learn(rows, milliseconds)
        metrics.modelRows.inc(labels, rows)
      })
      predicted.push({ ...part, outputs, runMs, writePrediction: predictionWriter(outputs) })
    }
    metrics.modelRun.observe(labels, seconds)
    context.check()
    return predicted
  }

  return {
    async predict(context, request, answer) {
      const entered = live.enter(request.model, request.choice, context.principal)
      const slot = entered instanceof Promise ? await entered : entered
      let work: Work | undefined
      try {
        const model = slot.loaded
        const read = reads.readOf(model)
        const asked = request.asked(read)
        checkValues(asked, read, limits)
        const at = now()
        const rows = Math.min(rowsPerStep(read, pace), paceOfModel(model).units)
        // A few rows are answered at once. Between the parts of many rows, other requests get a turn.
        work = asked.keys.length <= rows ? undefined : context.begin()
        const filled = await fillRows(context, { work, read, asked, rows, at })
        refuseMissing(model, filled, read.writer, request.required)
        const parts = await predictEach(context, work, model, filled)
        log?.offer(parts.map((part) => ({ requestId: context.requestId, at, model, read, ...part })))
        return await answer({ model, read, at, parts, work })
      } finally {
        work?.end()
        slot.leave()
      }
    },
  }
}
