import type { Hono } from 'hono'
import type { Schema } from 'hono/types'
import { honoCall, type ServingContext, type ServingEnv } from './call/hono-call.ts'
import type { Gate, Serve } from './gate.ts'
import { hotPaths, type Direct } from './hot-paths.ts'
import type { ProtocolRoute } from './route.ts'
import { isForAnother, unmatchedRoute } from './unmatched.ts'

/** Adds routes to an app, behind the gate. Returns the way past the app for hot routes. */
export function addRoutes<S extends Schema>(
  app: Hono<ServingEnv, S>,
  routes: readonly ProtocolRoute[],
  gate: Gate,
): Direct {
  const served = routes.map((route) => [route, gate.admit(route)] as const)
  for (const [{ method, path }, serve] of served) app.on(method, path, (c) => answered(c, serve))
  // A route like the others, so that it also works where the app is mounted in another.
  app.all('*', (c, next) => (isForAnother(c) ? next() : answered(c, gate.admit(unmatchedRoute(c, routes)))))
  return hotPaths(served)
}

function answered(c: ServingContext, serve: Serve): Promise<Response> {
  return new Promise((respond) => serve(honoCall(c, respond)))
}
