import { matchedRoutes, routePath } from 'hono/route'
import type { ServingContext } from './hono-call.ts'
import { Problem } from './problem.ts'
import type { GatedRoute } from './route.ts'
import { routes } from './routes.ts'

/** What stands for every path and method that no route has: one label in the metrics, whatever is asked. */
export function unmatchedRoute(method: string): GatedRoute {
  return {
    group: 'operations',
    method: method === 'GET' || method === 'POST' ? method : 'OTHER',
    path: 'unmatched',
    scope: null,
  }
}

/** Whether the app that ours is mounted in has a route of its own for this path. */
export function isForAnother(c: ServingContext): boolean {
  return matchedRoutes(c).length - 1 > c.req.routeIndex
}

/** 404, or 405 with the methods that the path takes. */
export function unmatchedProblem(c: ServingContext): Problem {
  // Mounted in another app, the route that matched is `/ml/*`, and our own paths begin behind `/ml`.
  const path = c.req.path.split('/').slice(routePath(c).split('/').length - 1)
  const others = Object.values(routes).filter((route) => matches(route.path.split('/').slice(1), path))
  if (others.length === 0)
    return new Problem(404, 'ROUTE_UNKNOWN', 'there is nothing at this path; GET /docs lists what there is')
  const methods = others.map((route) => route.method)
  return new Problem(405, 'METHOD_NOT_ALLOWED', `this path takes ${methods.join(' and ')}`, {
    allow: methods.join(', '),
  })
}

function matches(wanted: readonly string[], given: readonly string[]): boolean {
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith(':') || part === given[index])
}
