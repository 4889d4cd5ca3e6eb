import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { Problem } from '../../desk/problem.ts'
import type { Exchange } from '../../http/exchange.ts'
import { GUARDED } from '../route-parts.ts'
import type { ProtocolRoute, ServerFacts } from '../protocol.ts'
import { modelConfig, modelConfigAnswer } from './config.ts'
import { modelMetadata, modelMetadataAnswer, serverMetadata, serverMetadataAnswer } from './metadata.ts'
import { stateOf } from './model-state.ts'
import { foundVersion, namedModel } from './named-model.ts'
import { COMMON, MODEL, versioned } from './route-parts.ts'
import { statisticsAnswer, type ModelStatistics, type Statistics } from './statistics.ts'

const modelsAnswer = z.strictObject({ models: z.array(z.string()) })
const readyAnswer = z.strictObject({ name: z.string(), ready: z.boolean() })

/** The routes that describe the server and its models. */
export function modelRoutes(desk: Desk, { version }: ServerFacts, statistics: Statistics): readonly ProtocolRoute[] {
  const common = { ...COMMON, method: 'GET', scope: 'catalog:read' } as const
  const ofModel = { ...common, parameters: { model: MODEL }, problems: [400, ...GUARDED, 404] }
  const found = (exchange: Exchange) => foundVersion(desk, exchange, namedModel(exchange, 'catalog:read', desk))
  const server: ProtocolRoute = {
    ...common,
    id: 'inferenceServer',
    path: '/v2',
    summary: 'The server, its version and what it speaks of the protocol',
    parameters: {},
    answer: serverMetadataAnswer,
    problems: GUARDED,
    handle: () => JSON.stringify(serverMetadata(version)),
  }
  return [
    server,
    { ...server, id: 'inferenceServerRoot', path: '/v2/' },
    {
      ...common,
      id: 'inferenceModels',
      path: '/v2/models',
      summary: 'The names of all models',
      parameters: {},
      answer: modelsAnswer,
      problems: [...GUARDED, 404],
      handle: async (exchange) => JSON.stringify({ models: await visibleModels(exchange, desk) }),
    },
    {
      ...common,
      id: 'inferenceAllStatistics',
      path: '/v2/models/stats',
      summary: 'What inference requests took, of all versions that were asked for',
      parameters: {},
      answer: statisticsAnswer,
      problems: [...GUARDED, 404],
      handle: async (exchange) => JSON.stringify({ model_stats: await allStatistics(exchange, desk, statistics) }),
    },
    ...versioned({
      ...ofModel,
      id: 'inferenceModel',
      path: '/v2/models/:model',
      summary: 'The tensors of a model, and the keys that its features are looked up by',
      answer: modelMetadataAnswer,
      handle: async (exchange) => JSON.stringify(modelMetadata(await found(exchange), desk)),
    }),
    ...versioned({
      ...ofModel,
      id: 'inferenceModelReady',
      path: '/v2/models/:model/ready',
      summary: 'Whether a model answers',
      answer: readyAnswer,
      handle: (exchange) => ready(exchange, desk),
    }),
    ...versioned({
      ...ofModel,
      id: 'inferenceConfig',
      path: '/v2/models/:model/config',
      summary: 'The configuration of a model as Triton’s tools read it',
      answer: modelConfigAnswer,
      handle: async (exchange) => JSON.stringify(modelConfig(await found(exchange), desk.limits)),
    }),
    ...versioned({
      ...ofModel,
      id: 'inferenceStatistics',
      path: '/v2/models/:model/stats',
      summary: 'What inference requests of a model took',
      answer: statisticsAnswer,
      async handle(exchange) {
        const { model, version } = (await found(exchange)).found
        const versions = exchange.call.param('version') === '' ? statistics.versionsOf(model) : []
        const all = [...new Set([...versions, version])].sort((a, b) => a - b)
        return JSON.stringify({ model_stats: all.map((one) => statistics.of(model, one)) })
      },
    }),
  ]
}

async function visibleModels({ principal }: Exchange, desk: Desk): Promise<readonly string[]> {
  const all = await requireModels(desk).source.models()
  return all.map(({ name }) => name).filter((name) => principal.maySee('model', name))
}

async function allStatistics(
  exchange: Exchange,
  desk: Desk,
  statistics: Statistics,
): Promise<readonly ModelStatistics[]> {
  const { live } = requireModels(desk)
  return (await visibleModels(exchange, desk)).flatMap((model) => {
    const loaded = live.loadedOf(model).map(({ version }) => version)
    const versions = new Set([...loaded, ...statistics.versionsOf(model)])
    return [...versions].sort((a, b) => a - b).map((version) => statistics.of(model, version))
  })
}

async function ready(exchange: Exchange, desk: Desk): Promise<string> {
  const { found } = await foundVersion(desk, exchange, namedModel(exchange, 'catalog:read', desk))
  const { state, reason } = stateOf(requireModels(desk), found)
  if (state === 'READY') return JSON.stringify({ name: found.model, ready: true })
  const detail = `Version ${found.version} of model ${found.model} is not ready: ${reason}.`
  throw new Problem(503, 'MODEL_NOT_LOADED', detail, { retryAfter: 5 })
}
