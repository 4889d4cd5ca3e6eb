import type { Desk } from '../desk/desk.ts'
import { Problem } from '../desk/problem.ts'
import type { ProtocolRoute } from '../http/route.ts'

/** The same route, but its handler waits until the definitions are loaded. Routes that always answer are left as they are. */
export function afterStart(route: ProtocolRoute, desk: Desk): ProtocolRoute {
  if (route.always === true) return route
  let isStarted = false
  return {
    ...route,
    handle(exchange) {
      if (isStarted) return route.handle(exchange)
      return desk.start().then(() => {
        isStarted = desk.catalog.loaded
        if (isStarted) return route.handle(exchange)
        const detail = 'The definitions could not be loaded yet. GET /health/ready says why.'
        throw new Problem(503, 'NOT_READY', detail, { retryAfter: 1 })
      })
    },
  }
}
