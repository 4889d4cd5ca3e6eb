import type { OnlineVectors } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { LiveCatalog } from '../catalog/live-catalog.ts'
import { refuseUnknown } from '../features/features-routes.ts'
import type { EntityKey } from '../features/entity-keys.ts'
import type { JsonBytes } from '../features/json-bytes.ts'
import type { PreparedRead, ServedService } from '../features/served-service.ts'
import { authorize } from '../http/api-keys.ts'
import { parseObject } from '../http/json-body.ts'
import type { Handler } from '../http/gate.ts'
import type { Limits } from '../http/limits.ts'
import type { ServingMetrics } from '../http/metrics.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import type { PredictionLog } from '../log/prediction-log.ts'
import type { LiveModels, ModelChoice } from './live-models.ts'
import type { FeatureMatrix, OutputTensor, ServableModel } from './model-source.ts'
import { predictionWriter, type PredictionWriter } from './prediction-writer.ts'

interface Parts {
  readonly catalog: LiveCatalog
  readonly models: LiveModels
  readonly limits: Limits
  readonly metrics: ServingMetrics
  readonly log: PredictionLog | undefined
  /** Where answers are built. */
  readonly out: JsonBytes
  readonly now: () => bigint
}

const bodyFields = ['keys', 'alias', 'version']

/** `POST /v1/models/:model/predict` */
export function predict({ catalog, models, limits, metrics, log, out, now }: Parts): Handler {
  const readFor = vectorReads(catalog)
  return async (exchange) => {
    const name = exchange.call.param('model')
    authorize(exchange.principal, 'models:predict', 'model', name)
    const body = parseObject(await exchange.call.body(limits), limits)
    exchange.checkDeadline()
    refuseUnknown(body, bodyFields)
    const entered = models.enter(name, choiceOf(body, limits))
    const slot = entered instanceof Promise ? await entered : entered
    try {
      const model = slot.loaded
      const read = readFor(model)
      const keys = read.keys.many(body['keys'])
      const at = now()
      const arrived = read.read(keys, at)
      const vectors = arrived instanceof Promise ? await arrived : arrived
      exchange.checkDeadline()
      refuseMissing(model, vectors)
      const outputs = await run(model, vectors, metrics)
      exchange.checkDeadline()
      const writePrediction = predictionWriter(outputs)
      log?.offer({ requestId: exchange.requestId, at, model, read, keys, vectors, writePrediction })
      return answer(out, model, read, keys, vectors, writePrediction, at)
    } finally {
      slot.leave()
    }
  }
}

function answer(out: JsonBytes, model: ServableModel, read: PreparedRead, keys: readonly EntityKey[], vectors: OnlineVectors, writePrediction: PredictionWriter, at: bigint): string {
  out.clear()
  out.json(`{"model":${JSON.stringify(model.model)},"version":${model.version},"sha256":"${model.sha256}","service":${JSON.stringify(model.service)},"rows":[`)
  for (const [row, key] of keys.entries()) {
    out.json(row === 0 ? '{"keys":' : ',{"keys":')
    read.keys.write(out, key)
    out.json(',"prediction":')
    writePrediction(out, row)
    out.json(',')
    read.writer.notes(out, vectors, row, at)
    out.json('}')
  }
  out.json(']}')
  return out.take()
}

async function run(model: ServableModel, vectors: FeatureMatrix, metrics: ServingMetrics): Promise<Readonly<Record<string, OutputTensor>>> {
  const labels = { model: model.model, version: String(model.version) }
  const startedAt = performance.now()
  try {
    const outputs = await model.predict(vectors)
    metrics.modelRun.observe(labels, (performance.now() - startedAt) / 1000)
    metrics.modelRows.inc(labels, vectors.rows)
    return outputs
  } catch (error) {
    if (!(error instanceof MartletError && error.code === 'FEATURE_VALUE_INVALID')) throw error
    const row = error.data['row']
    throw new Problem(422, 'FEATURE_VALUE_INVALID', error.message, typeof row === 'number' ? { path: `keys[${row}]` } : {})
  }
}

function choiceOf(body: Readonly<Record<string, unknown>>, limits: Limits): ModelChoice {
  const { alias, version } = body
  if (alias !== undefined && version !== undefined) throw new Problem(400, 'CHOICE_INVALID', 'alias and version are both given; give one', { path: 'alias' })
  if (version !== undefined) {
    if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
      throw new Problem(400, 'CHOICE_INVALID', `version must be a whole number of at least 1, not ${shown(version)}`, { path: 'version' })
    }
    return { version }
  }
  if (alias === undefined) return { alias: 'champion' }
  if (typeof alias !== 'string' || alias === '' || alias.length > limits.keyLength) throw new Problem(400, 'CHOICE_INVALID', `alias must be a name such as "champion", not ${shown(alias)}`, { path: 'alias' })
  return { alias }
}

/** Refuses rows in which a feature is missing that the model has no way to take as missing. */
function refuseMissing(model: ServableModel, vectors: OnlineVectors): void {
  const problems: { readonly path: string; readonly detail: string }[] = []
  for (const [field, { field: name, missing }] of model.fields.entries()) {
    if (missing !== 'refused') continue
    for (let row = 0; row < vectors.rows; row++) {
      const status = vectors.status(row, field)
      if (status !== 'PRESENT' && problems.length < 100) problems.push({ path: `keys[${row}]`, detail: `feature ${name} is ${status} and model ${model.model} takes no missing value there` })
    }
  }
  const [first] = problems
  if (first !== undefined) throw new Problem(422, 'FEATURE_MISSING', `${first.path}: ${first.detail}`, { path: first.path, problems })
}

/** The prepared read of each model, made anew when the service it reads is replaced. */
function vectorReads(catalog: LiveCatalog): (model: ServableModel) => PreparedRead {
  const reads = new WeakMap<ServableModel, { readonly service: ServedService; readonly read: PreparedRead }>()
  return (model) => {
    const service = catalog.find(model.service)
    const known = reads.get(model)
    if (known !== undefined && known.service === service) return known.read
    const reason = misfit(catalog, model)
    if (service === undefined || reason !== undefined) throw new Problem(503, 'MODEL_SERVICE_CHANGED', `model ${model.model} cannot be fed: ${reason}`, { retryAfter: 30 })
    const read = service.vectorOf(model.fields)
    reads.set(model, { service, read })
    return read
  }
}

/** Why a model cannot be fed from the definitions being served; undefined when it can. */
export function misfit(catalog: LiveCatalog, model: ServableModel): string | undefined {
  const service = catalog.find(model.service)
  if (service === undefined) return `service ${model.service} is no longer in the catalog`
  return service.misfit(model.fields)
}

/** Checks that a model fits the definitions being served. That it runs, its golden rows have shown when it was loaded. */
export async function proveModel(catalog: LiveCatalog, model: ServableModel): Promise<void> {
  const reason = misfit(catalog, model)
  if (reason !== undefined) throw new MartletError('MODEL_SERVICE_CHANGED', `version ${model.version} of model ${model.model} cannot be fed: ${reason}`)
}
