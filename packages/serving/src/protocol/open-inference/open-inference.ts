import type { Protocol } from '../protocol.ts'
import { healthRoutes } from './health.ts'
import { inferRoutes } from './infer-route.ts'
import { modelRoutes } from './model-routes.ts'
import { repositoryRoutes } from './repository.ts'
import { statistics } from './statistics.ts'

/** Open Inference Protocol v2 over HTTP, as clients of Triton, MLServer and KServe speak it. */
export const openInference: Protocol = {
  name: 'open-inference',
  routes(desk, server) {
    const counted = statistics()
    return [
      ...inferRoutes(desk, counted),
      ...healthRoutes(desk),
      ...modelRoutes(desk, server, counted),
      ...repositoryRoutes(desk),
    ]
  },
}
