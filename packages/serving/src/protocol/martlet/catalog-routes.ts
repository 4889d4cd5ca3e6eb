import {
  defaultJson,
  serviceKeys,
  serviceRequest,
  vectorFields,
  type VectorField,
  type ViewPlan,
} from '@martlet/feature-store'
import { MartletError, type ColumnType } from '@martlet/warehouse'
import type { ServingCatalog, ViewProgress } from '../../desk/catalog/serving-catalog.ts'
import type { Desk } from '../../desk/desk.ts'
import { authorize } from '../../desk/principal.ts'
import { typeName } from '../../desk/type-name.ts'
import type { Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import {
  catalogAnswer,
  serviceAnswer,
  viewAnswer,
  type CatalogAnswer,
  type FieldAnswer,
  type KeyAnswer,
  type ServiceAnswer,
  type ViewAnswer,
} from './catalog-answers.ts'
import { GUARDED, inPath } from '../route-parts.ts'

/** The routes that show definitions. */
export function catalogRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { group: 'catalog', method: 'GET', scope: 'catalog:read' } as const
  return [
    {
      ...common,
      id: 'catalog',
      path: '/v1/catalog',
      summary: 'All feature views and services',
      parameters: {},
      answer: catalogAnswer,
      problems: GUARDED,
      handle: (exchange) => JSON.stringify(catalogOf(exchange, desk)),
    },
    {
      ...common,
      id: 'catalogView',
      path: '/v1/catalog/views/:view',
      summary: 'One feature view: its features, grid, delay, ttl and progress',
      parameters: { view: inPath('A feature view') },
      answer: viewAnswer,
      problems: [...GUARDED, 404],
      async handle(exchange) {
        const view = desk.catalog.view(exchange.call.param('view'), exchange.principal)
        exchange.about({ views: [view.name] })
        const progress = await progressOf(desk.definitions, view.name)
        return JSON.stringify(viewOf(view, progress))
      },
    },
    {
      ...common,
      id: 'catalogService',
      path: '/v1/catalog/services/:service',
      summary: 'One feature service: its keys and the fields of its vector, in order',
      parameters: { service: inPath('A feature service') },
      answer: serviceAnswer,
      problems: [...GUARDED, 404],
      handle: (exchange) => JSON.stringify(serviceOf(exchange, desk)),
    },
  ]
}

function catalogOf({ principal }: Exchange, { catalog }: Desk): CatalogAnswer {
  const services = [...catalog.services.values()].filter(({ name }) => principal.maySee('service', name))
  return {
    views: catalog.viewsFor(principal).map(({ name, entity, features, hash }) => ({
      name,
      entity: entity.name,
      keys: keysOf(entity.keys),
      features: features.length,
      hash,
    })),
    services: services.map((plan) => ({
      name: plan.name,
      views: [...new Set(plan.views.map(({ view }) => view.name))],
      features: vectorFields(plan).length,
      hash: plan.hash,
    })),
  }
}

function viewOf(view: ViewPlan, progress: ViewProgress | undefined): ViewAnswer {
  return {
    name: view.name,
    entity: view.entity.name,
    keys: keysOf(view.entity.keys),
    source: view.source?.table ?? null,
    ...(view.grid.every === 'continuous' ? { every: null, clock: view.grid.clock } : { every: view.grid.every / 1e6 }),
    zone: view.grid.zone,
    delay: view.delay / 1e6,
    ttl: view.ttl === null ? null : view.ttl / 1e6,
    repair: view.repair / 1e6,
    features: view.features.map(({ name, kind, type, nullable }) => ({ name, kind, type: typeName(type), nullable })),
    hash: view.hash,
    progress: progress ?? null,
  }
}

function serviceOf(exchange: Exchange, { catalog }: Desk): ServiceAnswer {
  const { call, principal } = exchange
  const name = call.param('service')
  authorize(principal, 'catalog:read', 'service', name)
  const { plan } = catalog.service(name, principal)
  exchange.about({ service: name })
  return {
    name: plan.name,
    keys: keysOf(serviceKeys(plan)),
    request: serviceRequest(plan).map(({ name: column, type, nullable }) => ({
      name: column,
      type: typeName(type),
      nullable,
    })),
    fields: vectorFields(plan).map(fieldOf),
    hash: plan.hash,
  }
}

function fieldOf(field: VectorField): FieldAnswer {
  const { default: _, ...rest } = field
  const given = defaultJson(field)
  const answer = { ...rest, type: typeName(field.type) }
  return given === undefined ? answer : { ...answer, default: JSON.parse(given) }
}

async function progressOf(source: ServingCatalog, view: string): Promise<ViewProgress | undefined> {
  try {
    return await source.progress?.(view)
  } catch (cause) {
    const message = `The progress of view ${view} could not be read from the catalog.`
    throw new MartletError('CATALOG_UNREADABLE', message, { cause })
  }
}

function keysOf(keys: readonly { readonly name: string; readonly type: ColumnType }[]): readonly KeyAnswer[] {
  return keys.map(({ name, type }) => ({ name, type: typeName(type) }))
}
