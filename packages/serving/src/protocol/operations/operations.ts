import type { Protocol } from '../protocol.ts'
import { docsRoutes } from './docs-routes.ts'
import { healthRoutes } from './health-routes.ts'
import { metricsRoute } from './metrics-route.ts'

/** What runs and describes the server: health, metrics, OpenAPI and a page to read. */
export const operations: Protocol = {
  name: 'operations',
  routes: (desk, server) => [...healthRoutes(desk), metricsRoute(desk), ...docsRoutes(desk, server)],
}
