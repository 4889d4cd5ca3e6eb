import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { VersionAnswer } from '../../desk/model/registered-model.ts'
import type { Exchange } from '../../http/exchange.ts'
import { GUARDED, inQuery } from '../route-parts.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { folderUri, mlflowVersion, timeOf, toMlflowVersion, versionTags, type MlflowVersion } from './entities.ts'
import { foundVersion, versionsOf, visibleModels } from './found-model.ts'
import { COMMON } from './mlflow-error.ts'
import { optionalText, text, versionNumber } from './query.ts'
import { matchesFilter, onlyValue, readFilter } from './search-filter.ts'
import { compareBy, ordersOf, pageFrom, pageOf } from './search-request.ts'

const ATTRIBUTES = { texts: ['name', 'run_id', 'source_path'], numbers: ['version_number'], lists: ['name', 'run_id'] }
const ORDERED_BY = ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp']
const PAGE = { usual: 10_000, most: 200_000 }

/** The routes that show versions of models. */
export function modelVersionRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { ...COMMON, method: 'GET', scope: 'catalog:read', problems: [400, ...GUARDED, 404] } as const
  const root = '/api/2.0/mlflow/model-versions'
  const named = {
    name: inQuery('A registered model; required'),
    version: inQuery('A version number; required', z.int().positive()),
  }
  return [
    {
      ...common,
      id: 'mlflowVersion',
      path: `${root}/get`,
      summary: 'One version of a model',
      parameters: named,
      answer: z.strictObject({ model_version: mlflowVersion }),
      handle: async (exchange) => JSON.stringify({ model_version: toMlflowVersion(await versionOf(exchange, desk)) }),
    },
    {
      ...common,
      id: 'mlflowVersions',
      path: `${root}/search`,
      summary: 'Versions of all models by name, number, run and tags, page by page',
      parameters: {
        filter: inQuery(
          "Conditions on `name`, `version_number`, `run_id`, `source_path` and `tags.<key>` joined by AND: `name = 'churn'`",
        ),
        max_results: inQuery('At most so many', z.int().min(1).max(PAGE.most)),
        order_by: inQuery(`${ORDERED_BY.join(', ')}, with ASC or DESC; may be given several times`),
        page_token: inQuery('`next_page_token` of the page before'),
      },
      answer: z.strictObject({ model_versions: z.array(mlflowVersion), next_page_token: z.string() }),
      handle: async (exchange) => JSON.stringify(await searchVersions(exchange, desk)),
    },
    {
      ...common,
      id: 'mlflowDownloadUri',
      path: `${root}/get-download-uri`,
      summary: 'The folder of a version',
      parameters: named,
      answer: z.strictObject({ artifact_uri: z.string() }),
      handle: async (exchange) => JSON.stringify({ artifact_uri: folderUri(await versionOf(exchange, desk)) }),
    },
  ]
}

function versionOf(exchange: Exchange, desk: Desk): Promise<VersionAnswer> {
  const name = text(exchange, 'name')
  return foundVersion(exchange, desk, {
    name,
    version: versionNumber(text(exchange, 'version')),
    scope: 'catalog:read',
  })
}

interface FoundVersions {
  readonly model_versions: readonly MlflowVersion[]
  readonly next_page_token: string
}

async function searchVersions(exchange: Exchange, desk: Desk): Promise<FoundVersions> {
  const conditions = readFilter(optionalText(exchange, 'filter'), ATTRIBUTES)
  const page = pageOf(exchange, PAGE)
  const orders = [
    ...ordersOf(exchange, ORDERED_BY),
    { key: 'name', descending: false },
    { key: 'version_number', descending: true },
  ]
  const only = onlyValue(conditions, 'name')
  const found = []
  for (const { name } of await visibleModels(exchange, desk)) {
    if (only !== undefined && name !== only) continue
    exchange.check()
    for (const version of await versionsOf(desk, name)) {
      const searched = { version, attributes: attributesOf(version), tags: versionTags(version) }
      if (matchesFilter(conditions, searched)) found.push(searched)
    }
  }
  const { items, next } = pageFrom(
    found.toSorted((a, b) => compareBy(orders, a.attributes, b.attributes)),
    page,
  )
  return { model_versions: items.map(({ version }) => toMlflowVersion(version)), next_page_token: next }
}

function attributesOf(version: VersionAnswer) {
  return {
    name: version.model,
    version_number: version.version,
    run_id: version.runId ?? '',
    source_path: folderUri(version),
    creation_timestamp: timeOf(version.createdAt),
    last_updated_timestamp: timeOf(version.updatedAt ?? version.createdAt),
  }
}
