import type { Asked, PreparedRead } from '../../features/prepared-read.ts'
import { checkValues, rowsPerStep } from '../../features/read-steps.ts'
import type { DeskMetrics } from '../../desk-metrics.ts'
import type { Limits } from '../../limits.ts'
import type { Pace } from '../../pace.ts'
import type { RequestContext } from '../../request-context.ts'
import type { Work } from '../../turns.ts'
import { fillRows, readRows, type FilledRows } from './filled-rows.ts'
import type { LiveModels } from '../live/live-models.ts'
import type { ModelSlot } from '../live/model-slot.ts'
import { modelRuns, type ModelRuns } from './model-runs.ts'
import type { ServableModel } from '../model-source.ts'
import type { PredictedRows, PredictionSink } from './prediction-sink.ts'
import { predictionWriter } from './prediction-writer.ts'
import type { Question, RolloutDesk, Trial } from '../rollout/rollout-desk.ts'
import { versionFault } from '../rollout/version-fault.ts'
import { refuseMissing, type Required } from './required-features.ts'
import { runModel } from './run-model.ts'
import type { Batching } from './shared-runs.ts'

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
  /** Adds what was counted since the last call to the metrics. */
  flush(): void
}

interface Parts {
  readonly live: LiveModels
  readonly rollouts: RolloutDesk
  readonly limits: Limits
  readonly metrics: DeskMetrics
  readonly log: PredictionSink | undefined
  readonly pace: Pace
  readonly batching: Batching
  readonly now: () => bigint
}

/** A request at a model. */
interface At {
  readonly slot: ModelSlot
  readonly kept: ModelRuns
  readonly required: Required
  readonly read: PreparedRead
  /** Microseconds since the epoch. */
  readonly at: bigint
}

export function predictor({ live, rollouts, limits, metrics, log, pace, batching, now }: Parts): Predictor {
  const all = modelRuns(batching, metrics)

  /** A few rows are read, run and answered at once. */
  async function predictFew(context: RequestContext, asked: Asked, here: At): Promise<readonly PredictedRows[]> {
    const { slot, kept, read, required, at } = here
    context.check()
    const arriving = readRows(read, asked, 0, at)
    const filled = arriving instanceof Promise ? await arriving : arriving
    if (arriving instanceof Promise) context.check()
    refuseMissing(slot.loaded, [filled], read.writer, required)
    const { outputs, ms } = await runModel(context, slot.loaded, kept, filled.vectors, 0, slot.users === 1)
    kept.observe(ms)
    context.check()
    return [{ ...filled, outputs, runMs: ms, writePrediction: predictionWriter(outputs) }]
  }

  /** Between the parts of many rows, other requests get a turn. */
  async function predictMany(
    context: RequestContext,
    work: Work,
    rows: number,
    asked: Asked,
    { slot, kept, read, required, at }: At,
  ): Promise<readonly PredictedRows[]> {
    const filled: readonly FilledRows[] = await fillRows(context, { work, read, asked, rows, at })
    refuseMissing(slot.loaded, filled, read.writer, required)
    const predicted: PredictedRows[] = []
    let total = 0
    for (const part of filled) {
      await work.turn()
      context.check()
      const { outputs, ms } = await runModel(context, slot.loaded, kept, part.vectors, part.firstRow, true)
      total += ms
      predicted.push({ ...part, outputs, runMs: ms, writePrediction: predictionWriter(outputs) })
    }
    kept.observe(total)
    context.check()
    return predicted
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
        const kept = all.of(model)
        const here = { slot, kept, required: request.required, read, at }
        const rows = Math.min(rowsPerStep(read, pace), kept.pace.units)
        work = asked.keys.length <= rows ? undefined : context.begin()
        const parts =
          work === undefined
            ? await predictFew(context, asked, here)
            : await predictMany(context, work, rows, asked, here)
        const { requestId, traceId } = context
        const role = trial === undefined ? undefined : { rollout: trial.rollout, role: trial.side }
        log?.offer(parts.map((part) => ({ requestId, traceId, at, model, read, ...part, trial: role })))
        const milliseconds = performance.now() - startedAt
        context.trace?.note(spent(model, read, parts, milliseconds))
        const answered = await answer({ model, read, at, parts, work })
        trial?.answered({ requestId, at, parts, milliseconds })
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
    flush: () => all.flush(),
  }
}

/** What a span says of a prediction. Reading features, checking them and waiting for turns is what the model did not take. */
function spent(
  { model, version }: ServableModel,
  { plan }: PreparedRead,
  parts: readonly PredictedRows[],
  milliseconds: number,
): Readonly<Record<string, string | number>> {
  const compute = parts.reduce((sum, { runMs }) => sum + runMs, 0)
  return {
    'martlet.model.name': model,
    'martlet.model.version': version,
    'martlet.service': plan.name,
    'martlet.rows': parts.reduce((sum, { keys }) => sum + keys.length, 0),
    'martlet.compute_ms': compute,
    'martlet.lookup_ms': Math.max(0, milliseconds - compute),
  }
}
