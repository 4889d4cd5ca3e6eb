import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import { notFound } from '../../desk/not-found.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import type { Exchange } from '../../http/exchange.ts'
import { GUARDED, inQuery } from '../route-parts.ts'
import type { ProtocolRoute } from '../protocol.ts'
import {
  mlflowModel,
  mlflowVersion,
  timeOf,
  toMlflowModel,
  toMlflowVersion,
  type MlflowModel,
  type MlflowVersion,
} from './entities.ts'
import { foundModel, foundVersion, versionsOf, visibleModels } from './found-model.ts'
import { COMMON, invalid } from './mlflow-error.ts'
import { optionalText, text } from './query.ts'
import { matchesFilter, readFilter } from './search-filter.ts'
import { compareBy, ordersOf, pageFrom, pageOf } from './search-request.ts'

const ATTRIBUTES = { texts: ['name'], numbers: [], lists: ['name'] }
const ORDERED_BY = ['name', 'creation_timestamp', 'last_updated_timestamp']
const PAGE = { usual: 100, most: 1000 }

/** The routes that show models. */
export function registeredModelRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { ...COMMON, scope: 'catalog:read', problems: [400, ...GUARDED, 404] } as const
  const root = '/api/2.0/mlflow/registered-models'
  const name = inQuery('A registered model; required')
  const latest: Pick<ProtocolRoute, 'path' | 'summary' | 'description' | 'answer'> = {
    path: `${root}/get-latest-versions`,
    summary: 'The newest version of a model',
    description: 'There are no stages: any other than `None` is refused, because aliases say which version is live.',
    answer: z.strictObject({ model_versions: z.array(mlflowVersion) }),
  }
  return [
    {
      ...common,
      id: 'mlflowModel',
      method: 'GET',
      path: `${root}/get`,
      summary: 'One model, with its aliases and its newest version',
      parameters: { name },
      answer: z.strictObject({ registered_model: mlflowModel }),
      handle: async (exchange) => JSON.stringify({ registered_model: await modelOf(exchange, desk) }),
    },
    {
      ...common,
      id: 'mlflowModels',
      method: 'GET',
      path: `${root}/search`,
      summary: 'Models by name and tags, page by page',
      parameters: {
        filter: inQuery(
          "Conditions on `name` and `tags.<key>` joined by AND: `name LIKE 'churn%' AND tags.team = 'a'`",
        ),
        max_results: inQuery('At most so many', z.int().min(1).max(PAGE.most)),
        order_by: inQuery(`${ORDERED_BY.join(', ')}, with ASC or DESC; may be given several times`),
        page_token: inQuery('`next_page_token` of the page before'),
      },
      answer: z.strictObject({ registered_models: z.array(mlflowModel), next_page_token: z.string() }),
      handle: async (exchange) => JSON.stringify(await searchModels(exchange, desk)),
    },
    {
      ...common,
      id: 'mlflowAlias',
      method: 'GET',
      path: `${root}/alias`,
      summary: 'The version that an alias names',
      parameters: { name, alias: inQuery('An alias; required') },
      answer: z.strictObject({ model_version: mlflowVersion }),
      handle: async (exchange) => JSON.stringify({ model_version: await aliasOf(exchange, desk) }),
    },
    {
      ...common,
      ...latest,
      id: 'mlflowLatestGet',
      method: 'GET',
      parameters: { name, stages: inQuery('Only `None`; may be absent') },
      handle: (exchange) => latestOf(exchange, desk, text(exchange, 'name'), exchange.call.query()['stages'] ?? []),
    },
    {
      ...common,
      ...latest,
      id: 'mlflowLatest',
      method: 'POST',
      parameters: {},
      body: z.looseObject({ name: z.string(), stages: z.array(z.string()).optional() }),
      problems: [...common.problems, 413, 415],
      async handle(exchange) {
        const { name: given, stages = [] } = await exchange.object()
        if (typeof given !== 'string' || given === '') throw invalid('name', `must be a name, not ${shown(given)}`)
        if (!Array.isArray(stages)) throw invalid('stages', `must be an array, not ${shown(stages)}`)
        return latestOf(exchange, desk, given, stages)
      },
    },
  ]
}

async function modelOf(exchange: Exchange, desk: Desk): Promise<MlflowModel> {
  const model = await foundModel(exchange, desk, text(exchange, 'name'), 'catalog:read')
  return toMlflowModel(model, await versionsOf(desk, model.name))
}

interface FoundModels {
  readonly registered_models: readonly MlflowModel[]
  readonly next_page_token: string
}

async function searchModels(exchange: Exchange, desk: Desk): Promise<FoundModels> {
  const conditions = readFilter(optionalText(exchange, 'filter'), ATTRIBUTES)
  const page = pageOf(exchange, PAGE)
  const orders = [...ordersOf(exchange, ORDERED_BY), { key: 'name', descending: false }]
  const found = (await visibleModels(exchange, desk))
    .map((model) => ({ model, attributes: attributesOf(model), tags: model.tags ?? {} }))
    .filter((searched) => matchesFilter(conditions, searched))
    .toSorted((a, b) => compareBy(orders, a.attributes, b.attributes))
  const { items, next } = pageFrom(found, page)
  const models: MlflowModel[] = []
  for (const { model } of items) {
    exchange.check()
    models.push(toMlflowModel(model, await versionsOf(desk, model.name)))
  }
  return { registered_models: models, next_page_token: next }
}

function attributesOf({ name, createdAt, updatedAt }: Awaited<ReturnType<typeof foundModel>>) {
  return { name, creation_timestamp: timeOf(createdAt), last_updated_timestamp: timeOf(updatedAt) }
}

async function aliasOf(exchange: Exchange, desk: Desk): Promise<MlflowVersion> {
  const scope = 'catalog:read'
  const { name, aliases } = await foundModel(exchange, desk, text(exchange, 'name'), scope)
  const alias = text(exchange, 'alias')
  const found = aliases.find((one) => one.alias === alias)
  if (found !== undefined)
    return toMlflowVersion(await foundVersion(exchange, desk, { name, version: found.version, scope }))
  throw notFound(
    'alias',
    alias,
    aliases.map((one) => one.alias),
  )
}

async function latestOf(exchange: Exchange, desk: Desk, name: string, stages: readonly unknown[]): Promise<string> {
  const { name: model } = await foundModel(exchange, desk, name, 'catalog:read')
  const stage = stages.find((one) => one !== 'None')
  if (stage !== undefined) {
    const detail = `There are no stages here, so none is ${shown(stage)}. Ask for an alias such as champion instead.`
    throw new Problem(400, 'MLFLOW_STAGES', detail, { path: 'stages' })
  }
  const [newest] = await versionsOf(desk, model)
  return JSON.stringify({ model_versions: newest === undefined ? [] : [toMlflowVersion(newest)] })
}
