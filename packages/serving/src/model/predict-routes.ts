import { refuseUnknown } from '../features/features-routes.ts'
import type { EntityKey } from '../features/entity-keys.ts'
import type { JsonBuffers, JsonBytes } from '../features/json-bytes.ts'
import { checkValues, rowsPerStep } from '../features/read-steps.ts'
import type { PreparedRead } from '../features/served-service.ts'
import { authorize } from '../http/api-keys.ts'
import type { Limits } from '../http/limits.ts'
import type { Pace } from '../http/pace.ts'
import type { ServingMetrics } from '../http/metrics.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import type { Work } from '../http/turns.ts'
import type { Exchange, Handler } from '../http/visit.ts'
import type { PredictionLog } from '../log/prediction-log.ts'
import { fillRows, type FilledRows } from './filled-rows.ts'
import type { LiveModels, ModelChoice } from './live-models.ts'
import { modelPaces } from './model-pace.ts'
import type { ModelReads } from './model-reads.ts'
import type { ServableModel } from './model-source.ts'
import { predictionWriter, type PredictionWriter } from './prediction-writer.ts'
import { featuresRequired, refuseMissing, type Required } from './required-features.ts'
import { runModel } from './run-model.ts'

interface Parts {
  readonly reads: ModelReads
  readonly models: LiveModels
  readonly limits: Limits
  readonly metrics: ServingMetrics
  readonly log: PredictionLog | undefined
  /** Where answers are built. */
  readonly buffers: JsonBuffers
  readonly pace: Pace
  readonly now: () => bigint
}

interface PredictedRows extends FilledRows {
  readonly writePrediction: PredictionWriter
}

const bodyFields = ['keys', 'alias', 'version', 'requireFeatures']

/** `POST /v1/models/:model/predict` */
export function predict({ reads, models, limits, metrics, log, buffers, pace, now }: Parts): Handler {
  const paceOfModel = modelPaces()

  return async (exchange) => {
    const name = exchange.call.param('model')
    authorize(exchange.principal, 'models:predict', 'model', name)
    const body = await exchange.object()
    refuseUnknown(body, bodyFields)
    const required = featuresRequired(body['requireFeatures'])
    const entered = models.enter(name, choiceOf(body, limits), exchange.principal)
    const slot = entered instanceof Promise ? await entered : entered
    try {
      const model = slot.loaded
      const read = reads.readOf(model)
      const keys = read.keys.many(body['keys'])
      checkValues(keys, read, limits)
      return await answer(exchange, model, read, keys, required)
    } finally {
      slot.leave()
    }
  }

  async function answer(
    exchange: Exchange,
    model: ServableModel,
    read: PreparedRead,
    keys: readonly EntityKey[],
    required: Required,
  ): Promise<string> {
    const at = now()
    const rows = Math.min(rowsPerStep(read, pace), paceOfModel(model).units)
    // A few rows are answered at once; between the parts of many, others get their turn.
    const work = keys.length <= rows ? undefined : exchange.begin()
    const out = work === undefined ? buffers.shared : buffers.borrow()
    try {
      const filled = await fillRows(exchange, { work, read, keys, rows, at })
      refuseMissing(model, filled, read.writer, required)
      const predicted = await predictEach(exchange, work, model, filled)
      log?.offer(predicted.map((part) => ({ requestId: exchange.requestId, at, model, read, ...part })))
      out.clear()
      writeHead(out, model, read)
      for (const part of predicted) {
        if (work !== undefined) await work.turn()
        writeRows(out, read, part, at)
      }
      out.json(']}')
      return out.take()
    } finally {
      work?.end()
      if (work !== undefined) buffers.giveBack(out)
    }
  }

  async function predictEach(
    exchange: Exchange,
    work: Work | undefined,
    model: ServableModel,
    filled: readonly FilledRows[],
  ): Promise<readonly PredictedRows[]> {
    const labels = { model: model.model, version: String(model.version) }
    const predicted: PredictedRows[] = []
    let seconds = 0
    for (const part of filled) {
      if (work !== undefined) await work.turn()
      exchange.check()
      const outputs = await runModel(exchange, model, part.vectors, part.firstRow, (rows, milliseconds) => {
        seconds += milliseconds / 1000
        paceOfModel(model).learn(rows, milliseconds)
        metrics.modelRows.inc(labels, rows)
      })
      predicted.push({ ...part, writePrediction: predictionWriter(outputs) })
    }
    metrics.modelRun.observe(labels, seconds)
    exchange.check()
    return predicted
  }
}

function writeHead(out: JsonBytes, model: ServableModel, read: PreparedRead): void {
  out.json(`{"model":${JSON.stringify(model.model)},"version":${model.version},"sha256":"${model.sha256}"`)
  out.json(`,"service":${JSON.stringify(read.plan.name)},"rows":[`)
}

function writeRows(
  out: JsonBytes,
  read: PreparedRead,
  { keys, firstRow, vectors, writePrediction }: PredictedRows,
  at: bigint,
): void {
  for (const [row, key] of keys.entries()) {
    out.json(firstRow + row === 0 ? '{"keys":' : ',{"keys":')
    read.keys.write(out, key)
    out.json(',"prediction":')
    writePrediction(out, row)
    out.json(',')
    read.writer.notes(out, vectors, row, at)
    out.json('}')
  }
}

function choiceOf(body: Readonly<Record<string, unknown>>, limits: Limits): ModelChoice {
  const { alias, version } = body
  if (alias !== undefined && version !== undefined)
    throw new Problem(400, 'CHOICE_INVALID', 'alias and version are both given; give one', { path: 'alias' })
  if (version !== undefined) {
    if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
      throw new Problem(400, 'CHOICE_INVALID', `version must be a whole number of at least 1, not ${shown(version)}`, {
        path: 'version',
      })
    }
    return { version }
  }
  if (alias === undefined) return { alias: 'champion' }
  if (typeof alias !== 'string' || alias === '' || alias.length > limits.keyLength) {
    throw new Problem(400, 'CHOICE_INVALID', `alias must be a name such as "champion", not ${shown(alias)}`, {
      path: 'alias',
    })
  }
  return { alias }
}
