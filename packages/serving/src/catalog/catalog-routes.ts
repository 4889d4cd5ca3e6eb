import { serviceKeys, vectorFields, type ViewPlan } from '@martlet/feature-store'
import { MartletError, type ColumnType } from '@martlet/warehouse'
import { authorize } from '../http/api-keys.ts'
import type { CatalogAnswer, KeyAnswer, ServiceAnswer, ViewAnswer } from '../http/catalog-answers.ts'
import type { Handler } from '../http/visit.ts'
import type { LiveCatalog } from './live-catalog.ts'
import type { ServingCatalog, ViewProgress } from './serving-catalog.ts'

/** The handlers that browse definitions. */
export function catalogRoutes(
  live: LiveCatalog,
  source: ServingCatalog,
): Readonly<Record<'catalog' | 'catalogView' | 'catalogService', Handler>> {
  return {
    catalog({ principal }) {
      const answer: CatalogAnswer = {
        views: live.viewsFor(principal).map(({ name, entity, features, hash }) => ({
          name,
          entity: entity.name,
          keys: keysOf(entity.keys),
          features: features.length,
          hash,
        })),
        services: [...live.services.values()]
          .filter(({ name }) => principal.maySee('service', name))
          .map((plan) => ({
            name: plan.name,
            views: plan.views.map(({ view }) => view.name),
            features: vectorFields(plan).length,
            hash: plan.hash,
          })),
      }
      return JSON.stringify(answer)
    },
    async catalogView({ call, principal }) {
      const view = live.view(call.param('view'), principal)
      const progress = await progressOf(source, view.name)
      return JSON.stringify(viewAnswer(view, progress))
    },
    catalogService({ call, principal }) {
      const name = call.param('service')
      authorize(principal, 'catalog:read', 'service', name)
      const { plan } = live.service(name, principal)
      const answer: ServiceAnswer = {
        name: plan.name,
        keys: keysOf(serviceKeys(plan)),
        fields: vectorFields(plan).map((field) => ({ ...field, type: typeName(field.type) })),
        hash: plan.hash,
      }
      return JSON.stringify(answer)
    },
  }
}

async function progressOf(source: ServingCatalog, view: string): Promise<ViewProgress | undefined> {
  try {
    return await source.progress?.(view)
  } catch (cause) {
    throw new MartletError('CATALOG_UNREADABLE', `the progress of view ${view} could not be read from the catalog`, {
      cause,
    })
  }
}

function viewAnswer(view: ViewPlan, progress: ViewProgress | undefined): ViewAnswer {
  return {
    name: view.name,
    entity: view.entity.name,
    keys: keysOf(view.entity.keys),
    source: view.source?.table ?? null,
    every: view.grid.every / 1e6,
    zone: view.grid.zone,
    delay: view.delay / 1e6,
    ttl: view.ttl === null ? null : view.ttl / 1e6,
    repair: view.repair / 1e6,
    features: view.features.map(({ name, kind, type, nullable }) => ({ name, kind, type: typeName(type), nullable })),
    hash: view.hash,
    progress: progress ?? null,
  }
}

function keysOf(keys: readonly { readonly name: string; readonly type: ColumnType }[]): readonly KeyAnswer[] {
  return keys.map(({ name, type }) => ({ name, type: typeName(type) }))
}

/** `decimal(12,2)`, or the type's own name. */
export function typeName(type: ColumnType): string {
  return typeof type === 'object' ? `decimal(${type.decimal.join(',')})` : type
}
