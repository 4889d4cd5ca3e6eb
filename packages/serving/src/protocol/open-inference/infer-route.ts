import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { ServableModel } from '../../desk/model/model-source.ts'
import type { Prediction } from '../../desk/model/predict/predictor.ts'
import { joinOutputs } from '../../desk/model/predict/join-outputs.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { Problem } from '../../desk/problem.ts'
import type { RequestContext } from '../../desk/request-context.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import { GUARDED } from '../route-parts.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { askedByKeys, placedInRows } from './entity-keys.ts'
import { featureParameters } from './feature-parameters.ts'
import { checkedFeeds } from './feeds.ts'
import { headerLength, LENGTH_HEADER } from './header-length.ts'
import { checkOutputs, inferAnswer, inferAnswerSchema } from './infer-answer.ts'
import { inferRequest, type InferRequest } from './infer-request.ts'
import { unsupported } from './invalid.ts'
import { namedModel, type NamedModel } from './named-model.ts'
import { rawRequest } from './raw-request.ts'
import { withTimeout } from './request-deadline.ts'
import { COMMON, MODEL, versioned } from './route-parts.ts'
import type { Statistics } from './statistics.ts'

const tensor = { name: z.string(), parameters: z.record(z.string(), z.unknown()).optional() }
const inferBody = z.object({
  id: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z
    .array(
      z.object({
        ...tensor,
        shape: z.array(z.int().nonnegative()),
        datatype: z.string(),
        data: z.array(z.unknown()).optional().meta({ description: 'In row-major order, flat or nested.' }),
      }),
    )
    .min(1)
    .meta({ description: 'All tensors of the model, or the keys that its features are looked up by.' }),
  outputs: z.array(z.object(tensor)).optional(),
})

export function inferRoutes(desk: Desk, statistics: Statistics): readonly ProtocolRoute[] {
  return versioned({
    ...COMMON,
    id: 'infer',
    method: 'POST',
    path: '/v2/models/:model/infer',
    summary: 'Answers of a model to tensors, or to entity keys',
    scope: 'models:predict',
    parameters: { model: MODEL },
    body: inferBody,
    answer: inferAnswerSchema,
    problems: [400, ...GUARDED, 404, 413, 415, 422, 501],
    hot: true,
    handle: (exchange) => infer(exchange, desk, statistics),
  })
}

/** Bytes of a body from which reading it waits for a turn. */
const LONG_BODY = 65_536

/** A request on its way: when it came, and when its body and its model were there. */
interface Started {
  readonly at: number
  readonly enteredAt: number
}

async function infer(exchange: Exchange, desk: Desk, statistics: Statistics): Promise<Answer> {
  const at = performance.now()
  const { live } = requireModels(desk)
  const named = namedModel(exchange, 'models:predict', desk)
  const body = await exchange.bytes()
  const entered = live.enter(named.model, named.choice, exchange.principal)
  const slot = entered instanceof Promise ? await entered : entered
  let left = false
  const leave = (): void => {
    if (!left) slot.leave()
    left = true
  }
  const model = slot.loaded
  exchange.about({ model: model.model, version: model.version })
  try {
    const started = { at, enteredAt: performance.now() }
    const request = await readInTurn(exchange, body, model, desk)
    const context = withTimeout(exchange, at, request.timeoutMs)
    checkOutputs(request, model)
    if (takesTensors(request, model)) return await answerTensors(desk, statistics, context, request, model, started)
    leave()
    return await answerKeys(desk, statistics, context, request, named, started)
  } catch (error) {
    statistics.failed(model.model, model.version, performance.now() - at)
    throw error
  } finally {
    leave()
  }
}

async function readInTurn(exchange: Exchange, body: Buffer, model: ServableModel, desk: Desk): Promise<InferRequest> {
  if (body.length <= LONG_BODY) return read(exchange, body, model, desk)
  const work = exchange.begin()
  try {
    await work.turn()
    exchange.check()
    return read(exchange, body, model, desk)
  } finally {
    work.end()
  }
}

function read({ call }: Exchange, body: Buffer, model: ServableModel, { limits }: Desk): InferRequest {
  const jsonBytes = headerLength(call.header(LENGTH_HEADER), body)
  if (jsonBytes !== 0) return inferRequest(body, jsonBytes, limits)
  return rawRequest(body, tensorsOf(model), limits)
}

/** Whether an input is called like one of the model's tensors. If none is, they are keys. */
function takesTensors({ inputs }: InferRequest, { tensors }: ServableModel): boolean {
  return tensors?.inputs.some((slot) => inputs.some(({ name }) => name === slot.name)) === true
}

function tensorsOf(model: ServableModel) {
  if (model.tensors !== undefined) return model.tensors
  throw unsupported('inputs', `cannot be tensors: model ${model.model} takes features only, so send their keys`)
}

async function answerTensors(
  desk: Desk,
  statistics: Statistics,
  context: RequestContext,
  request: InferRequest,
  model: ServableModel,
  { at, enteredAt }: Started,
): Promise<Answer> {
  const tensors = tensorsOf(model)
  const { feeds, rows } = checkedFeeds(request.inputs, model, tensors, desk.limits)
  context.about({ rows })
  const ready = performance.now()
  const { outputs, runMs } = await requireModels(desk).tensors.run(context, model, tensors, feeds, rows)
  const ran = performance.now()
  const answer = await inferAnswer(desk, context, request, { model, outputs })
  const output = performance.now() - ran
  const spent = { queue: enteredAt - at, input: ready - enteredAt, infer: runMs, output }
  statistics.succeeded(model.model, model.version, rows, spent)
  context.trace?.note({
    'martlet.model.name': model.model,
    'martlet.model.version': model.version,
    'martlet.rows': rows,
    'martlet.compute_ms': runMs,
  })
  return answer
}

async function answerKeys(
  desk: Desk,
  statistics: Statistics,
  context: RequestContext,
  request: InferRequest,
  { model, choice }: NamedModel,
  { at, enteredAt }: Started,
): Promise<Answer> {
  const { predictor } = requireModels(desk)
  const { required } = request
  try {
    return await predictor.predict(
      context,
      { model, choice, required, asked: (reads) => askedByKeys(reads, request.inputs, model) },
      async (prediction) => {
        const ran = performance.now()
        const answer = await answerPrediction(desk, context, request, prediction)
        const { parts, model: served } = prediction
        const infer = parts.reduce((sum, { runMs }) => sum + runMs, 0)
        const output = performance.now() - ran
        const spent = { queue: enteredAt - at, input: Math.max(0, ran - enteredAt - infer), infer, output }
        const rows = parts.reduce((sum, { keys }) => sum + keys.length, 0)
        statistics.succeeded(model, served.version, rows, spent)
        return answer
      },
    )
  } catch (error) {
    throw error instanceof Problem ? placedInRows(error) : error
  }
}

async function answerPrediction(
  desk: Desk,
  context: RequestContext,
  request: InferRequest,
  prediction: Prediction,
): Promise<Answer> {
  const outputs = joinOutputs(prediction.parts.map((part) => part.outputs))
  const parameters = { ...(await featureParameters(prediction)) }
  return inferAnswer(desk, context, request, { model: prediction.model, outputs, parameters })
}
