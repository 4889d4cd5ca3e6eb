import { openMemoryStore } from '@martlet/feature-store'
import { fixedCatalog } from './desk/catalog/serving-catalog.ts'
import { deskMetrics } from './desk/desk-metrics.ts'
import { openDesk } from './desk/desk.ts'
import { clockMicros } from './desk/features/instant.ts'
import { limitsOf } from './desk/limits.ts'
import type { Route } from './http/route.ts'
import { allRoutes } from './protocol/all-routes.ts'
import { openapiDocument as documentOf, type OpenApiDocument } from './protocol/operations/openapi.ts'

/** The whole interface as an OpenAPI 3.1 document. */
export function openapiDocument(version: string): OpenApiDocument {
  return documentOf(version, describedRoutes(version))
}

/** The routes are the same whatever is served, so they are described on a desk that serves nothing. */
export function describedRoutes(version: string): readonly Route[] {
  const desk = openDesk({
    catalog: fixedCatalog({ services: [] }),
    online: openMemoryStore(),
    functions: [],
    models: undefined,
    batching: {},
    log: undefined,
    limits: limitsOf(),
    metrics: deskMetrics(),
    now: clockMicros,
    pollMs: 1000,
    graceMs: 0,
    onError: () => undefined,
  })
  void desk.close()
  return allRoutes(desk, { version, needsKey: true })
}
