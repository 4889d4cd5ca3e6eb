import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { isObject } from '../../desk/json/json-object.ts'
import { requireModels } from '../../desk/model/served-models.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { GUARDED } from '../route-parts.ts'
import { invalid, unsupported } from './invalid.ts'
import { stateOf, type ModelState } from './model-state.ts'
import { namedModel } from './named-model.ts'
import { parseRequest } from './request-json.ts'
import { COMMON, MODEL } from './route-parts.ts'

interface IndexEntry extends ModelState {
  readonly name: string
  readonly version: string
}

const indexAnswer: z.ZodType<readonly IndexEntry[]> = z.array(
  z.strictObject({
    name: z.string(),
    version: z.string(),
    state: z.enum(['READY', 'LOADING', 'UNAVAILABLE']),
    reason: z.string(),
  }),
)
const indexBody = z.object({ ready: z.boolean().optional() })
const loadBody = z.object({ parameters: z.record(z.string(), z.unknown()).optional() })
const loadAnswer = z.strictObject({ name: z.string(), load: z.boolean() })
const unloadAnswer = z.strictObject({ name: z.string(), unload: z.boolean() })

/** The model repository extension. What is loaded follows the aliases of the registry, so a client can load, but not unload. */
export function repositoryRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { ...COMMON, method: 'POST' } as const
  return [
    {
      ...common,
      id: 'repositoryIndex',
      path: '/v2/repository/index',
      summary: 'All versions of all models, and whether they answer',
      scope: 'catalog:read',
      parameters: {},
      body: indexBody,
      answer: indexAnswer,
      problems: [400, ...GUARDED, 404, 413],
      handle: async (exchange) => JSON.stringify(await index(exchange, desk)),
    },
    {
      ...common,
      id: 'repositoryLoad',
      path: '/v2/repository/models/:model/load',
      summary: 'Brings the champion of a model into memory',
      scope: 'models:predict',
      parameters: { model: MODEL },
      body: loadBody,
      answer: loadAnswer,
      problems: [400, ...GUARDED, 404, 413, 501],
      handle: (exchange) => load(exchange, desk),
    },
    {
      ...common,
      id: 'repositoryUnload',
      path: '/v2/repository/models/:model/unload',
      summary: 'Refused: aliases decide what is loaded',
      scope: 'models:predict',
      parameters: { model: MODEL },
      body: loadBody,
      answer: unloadAnswer,
      problems: [400, ...GUARDED, 404, 501],
      handle(exchange) {
        const { model } = namedModel(exchange, 'models:predict', desk)
        throw unsupported('Unloading', `is not supported: model ${shown(model)} is loaded as long as an alias names it`)
      },
    },
  ]
}

async function index(exchange: Exchange, desk: Desk): Promise<readonly IndexEntry[]> {
  const { ready } = await optionalBody(exchange, desk)
  if (ready !== undefined && typeof ready !== 'boolean')
    throw invalid('ready', `must be true or false, not ${shown(ready)}`)
  const models = requireModels(desk)
  const { principal } = exchange
  const entries: IndexEntry[] = []
  for (const { name } of await models.source.models()) {
    if (!principal.maySee('model', name)) continue
    for (const version of [...((await models.source.versions(name)) ?? [])].reverse()) {
      if (version.lifecycle === 'deleted') continue
      entries.push({ name, version: String(version.version), ...stateOf(models, version) })
    }
  }
  return ready === true ? entries.filter(({ state }) => state === 'READY') : entries
}

async function load(exchange: Exchange, desk: Desk): Promise<string> {
  const { model, choice } = namedModel(exchange, 'models:predict', desk)
  const { parameters } = await optionalBody(exchange, desk)
  const given = isObject(parameters) ? Object.keys(parameters) : []
  if (given.length > 0)
    throw unsupported(`parameters.${given[0]}`, 'is not supported: models and their files come from the registry')
  const slot = await requireModels(desk).live.enter(model, choice, exchange.principal)
  exchange.about({ model, version: slot.loaded.version })
  slot.leave()
  return JSON.stringify({ name: model, load: true })
}

/** The body as JSON; a client may also send none. */
async function optionalBody(exchange: Exchange, desk: Desk): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await exchange.bytes()
  return bytes.length === 0 ? {} : parseRequest(bytes, desk.limits)
}
