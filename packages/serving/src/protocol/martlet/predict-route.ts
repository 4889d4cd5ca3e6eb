import type { Desk } from '../../desk/desk.ts'
import { askedOf } from '../../desk/features/prepared-read.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'
import type { Limits } from '../../desk/limits.ts'
import type { ModelChoice } from '../../desk/model/live/live-models.ts'
import type { PredictedRows } from '../../desk/model/predict/prediction-sink.ts'
import type { Prediction } from '../../desk/model/predict/predictor.ts'
import { requiredFeatures } from '../../desk/model/predict/required-features.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { authorize } from '../../desk/principal.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { predictAnswer, predictBody } from './predict-answers.ts'
import { GUARDED, inPath } from '../route-parts.ts'
import { refuseUnknown } from '../unknown-fields.ts'

export function predictRoute(desk: Desk): ProtocolRoute {
  return {
    id: 'predict',
    group: 'models',
    method: 'POST',
    path: '/v1/models/:model/predict',
    summary: 'Predictions for some entities, their features joined on the server',
    scope: 'models:predict',
    parameters: { model: inPath('A registered model') },
    body: predictBody,
    answer: predictAnswer,
    problems: [400, ...GUARDED, 404, 413, 415, 422],
    hot: true,
    handle: (exchange) => predict(exchange, desk),
  }
}

const BODY_FIELDS = ['keys', 'alias', 'version', 'requireFeatures', 'request']

async function predict(exchange: Exchange, desk: Desk): Promise<Answer> {
  const { predictor } = requireModels(desk)
  const model = exchange.call.param('model')
  authorize(exchange.principal, 'models:predict', 'model', model)
  const body = await exchange.object()
  refuseUnknown(body, BODY_FIELDS)
  const request = {
    model,
    required: requiredFeatures(body['requireFeatures']),
    choice: choiceOf(body, desk.limits),
    asked: (read: Prediction['read']) => askedOf(read, body),
  }
  return predictor.predict(exchange, request, (prediction) =>
    prediction.work === undefined ? writeAtOnce(prediction, desk) : writeInSteps(prediction, prediction.work, desk),
  )
}

function writeAtOnce(prediction: Prediction, { buffers: { shared: out } }: Desk): Answer {
  out.clear()
  writeHead(out, prediction)
  for (const part of prediction.parts) writeRows(out, prediction, part)
  out.json(']}')
  return out.lend()
}

async function writeInSteps(
  prediction: Prediction,
  work: NonNullable<Prediction['work']>,
  { buffers }: Desk,
): Promise<Answer> {
  const out = buffers.borrow()
  try {
    writeHead(out, prediction)
    for (const part of prediction.parts) {
      await work.turn()
      writeRows(out, prediction, part)
    }
    out.json(']}')
    return out.lend()
  } finally {
    buffers.giveBack(out)
  }
}

function writeHead(out: JsonBytes, { model, read }: Prediction): void {
  out.json(`{"model":${JSON.stringify(model.model)},"version":${model.version},"sha256":"${model.sha256}"`)
  out.json(`,"service":${JSON.stringify(read.plan.name)}`)
  if (model.classes !== undefined) out.json(`,"classes":${JSON.stringify(model.classes)}`)
  out.json(',"rows":[')
}

function writeRows(
  out: JsonBytes,
  { read, at }: Prediction,
  { keys, firstRow, vectors, writePrediction }: PredictedRows,
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

function choiceOf({ alias, version }: Readonly<Record<string, unknown>>, limits: Limits): ModelChoice {
  if (alias !== undefined && version !== undefined)
    throw new Problem(400, 'CHOICE_INVALID', 'alias and version are both given. Give one of them.', { path: 'alias' })
  if (version !== undefined) {
    if (typeof version === 'number' && Number.isSafeInteger(version) && version >= 1) return { version }
    const detail = `version must be a whole number of at least 1, not ${shown(version)}.`
    throw new Problem(400, 'CHOICE_INVALID', detail, { path: 'version' })
  }
  if (alias === undefined) return { alias: 'champion' }
  if (typeof alias === 'string' && alias !== '' && alias.length <= limits.keyLength) return { alias }
  const detail = `alias must be a name such as "champion", not ${shown(alias)}.`
  throw new Problem(400, 'CHOICE_INVALID', detail, { path: 'alias' })
}
