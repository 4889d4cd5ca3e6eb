import type { PreparedRead } from '../../features/prepared-read.ts'
import { checkValues, rowsPerStep } from '../../features/read-steps.ts'
import type { DeskMetrics } from '../../desk-metrics.ts'
import type { Limits } from '../../limits.ts'
import type { Pace } from '../../pace.ts'
import type { RequestContext } from '../../request-context.ts'
import type { Work } from '../../turns.ts'
import { fillRows, type FilledRows } from './filled-rows.ts'
import type { LiveModels } from '../live/live-models.ts'
import { modelPaces } from './model-pace.ts'
import type { ServableModel } from '../model-source.ts'
import type { PredictedRows, PredictionSink } from './prediction-sink.ts'
import { predictionWriter } from './prediction-writer.ts'
import type { Question, RolloutDesk, Trial } from '../rollout/rollout-desk.ts'
import { versionFault } from '../rollout/version-fault.ts'
import { refuseMissing, type Required } from './required-features.ts'
import { runModel } from './run-model.ts'

/** `asked`: the keys to predict, and what the request brings for them, read as the model's service names them. */
export interface PredictionRequest extends Question {
  readonly required: Required
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
  readonly live: LiveModels
  readonly rollouts: RolloutDesk
  readonly limits: Limits
  readonly metrics: DeskMetrics
  readonly log: PredictionSink | undefined
  readonly pace: Pace
  readonly now: () => bigint
}

export function predictor({ live, rollouts, limits, metrics, log, pace, now }: Parts): Predictor {
  const paceOfModel = modelPaces()

  async function predictEach(
    context: RequestContext,
    work: Work | undefined,
    model: ServableModel,
    filled: readonly FilledRows[],
  ): Promise<{ readonly parts: readonly PredictedRows[]; readonly runMilliseconds: number }> {
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
    return { parts: predicted, runMilliseconds: seconds * 1000 }
  }

  return {
    async predict(context, request, answer) {
      const entered = live.enter(request.model, request.choice, context.principal)
      let slot = entered instanceof Promise ? await entered : entered
      let work: Work | undefined
      let trial: Trial | undefined
      const startedAt = performance.now()
      try {
        const chosen = rollouts.choose(request, slot, context.requestId)
        const { read, asked } = chosen
        slot = chosen.slot
        trial = chosen.trial
        const model = slot.loaded
        context.about({
          service: read.plan.name,
          model: model.model,
          version: model.version,
          rows: asked.keys.length,
        })
        checkValues(asked, read, limits)
        const at = now()
        const rows = Math.min(rowsPerStep(read, pace), paceOfModel(model).units)
        // A few rows are answered at once. Between the parts of many rows, other requests get a turn.
        work = asked.keys.length <= rows ? undefined : context.begin()
        const filled = await fillRows(context, { work, read, asked, rows, at })
        refuseMissing(model, filled, read.writer, request.required)
        const { parts, runMilliseconds } = await predictEach(context, work, model, filled)
        const { requestId } = context
        const role = trial === undefined ? undefined : { rollout: trial.rollout, role: trial.side }
        log?.offer(parts.map((part) => ({ requestId, at, model, read, ...part, trial: role })))
        const milliseconds = performance.now() - startedAt
        const answered = await answer({ model, read, at, parts, work })
        trial?.answered({ requestId, at, parts, milliseconds, runMilliseconds })
        return answered
      } catch (error) {
        const code = versionFault(error)
        if (code !== undefined) {
          metrics.modelErrors.inc({ model: request.model, version: String(slot.loaded.version), code })
          trial?.failed()
        }
        throw error
      } finally {
        work?.end()
        slot.leave()
      }
    },
  }
}
