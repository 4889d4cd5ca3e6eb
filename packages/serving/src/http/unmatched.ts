import { matchedRoutes, routePath } from 'hono/route'
import { Problem } from '../desk/problem.ts'
import type { ServingContext } from './call/hono-call.ts'
import { problemReply } from './problem/problem-reply.ts'
import type { GatedRoute, ProtocolRoute, Refuse, Route } from './route.ts'

/** Whether the app that ours is mounted in has a route of its own for this path. */
export function isForAnother(c: ServingContext): boolean {
  return matchedRoutes(c).length - 1 > c.req.routeIndex
}

/**
 * Refuses a path or method that no route has, as the routes beside it refuse: those whose paths begin alike. It is one route in
 * the metrics, whatever the request asks for.
 */
export function unmatchedRoute(c: ServingContext, routes: readonly ProtocolRoute[]): GatedRoute {
  const { method } = c.req
  const { refuse = problemReply, anyContentType } = nearestRoute(ownPath(c), routes) ?? {}
  return {
    method: method === 'GET' || method === 'POST' ? method : 'OTHER',
    path: 'unmatched',
    scope: null,
    always: true,
    refuse: withAllow(refuse),
    ...(anyContentType === undefined ? {} : { anyContentType }),
    handle() {
      throw unmatchedProblem(c, routes)
    },
  }
}

/** The route whose path begins most like this one; of several, one that refuses as the server does. */
function nearestRoute(path: readonly string[], routes: readonly ProtocolRoute[]): ProtocolRoute | undefined {
  let nearest: ProtocolRoute | undefined
  let most = 0
  for (const route of routes) {
    const shared = sharedParts(route.path.split('/').slice(1), path)
    if (shared < most || (shared === most && (route.refuse !== undefined || nearest?.refuse === undefined))) continue
    nearest = route
    most = shared
  }
  return nearest
}

function sharedParts(wanted: readonly string[], given: readonly string[]): number {
  const differs = wanted.findIndex((part, index) => !isPart(part, given[index]))
  return differs === -1 ? wanted.length : differs
}

/** The same refusal, which always says what a path accepts, as HTTP demands. */
function withAllow(refuse: Refuse): Refuse {
  return (problem, ...ids) => {
    const reply = refuse(problem, ...ids)
    const { allow } = problem.details
    return allow === undefined ? reply : { ...reply, headers: { ...reply.headers, allow } }
  }
}

/** 404, or 405 with the methods that the path accepts. */
function unmatchedProblem(c: ServingContext, routes: readonly Route[]): Problem {
  const path = ownPath(c)
  const others = routes.filter((route) => matches(route.path.split('/').slice(1), path))
  if (others.length === 0)
    return new Problem(404, 'ROUTE_UNKNOWN', 'There is nothing at this path. GET /docs lists what there is.')
  const methods = others.map((route) => route.method)
  const detail = `This path accepts ${methods.join(' and ')}.`
  return new Problem(405, 'METHOD_NOT_ALLOWED', detail, { allow: methods.join(', ') })
}

/** The parts of the path. Mounted in another app, the matched route is `/ml/*`, and our own paths begin after `/ml`. */
function ownPath(c: ServingContext): readonly string[] {
  return c.req.path.split('/').slice(routePath(c).split('/').length - 1)
}

function matches(wanted: readonly string[], given: readonly string[]): boolean {
  return wanted.length === given.length && wanted.every((part, index) => isPart(part, given[index]))
}

function isPart(wanted: string, given: string | undefined): boolean {
  return wanted.startsWith(':') ? given !== undefined : wanted === given
}
