import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { limitsOf } from '../../src/desk/limits.ts'
import { Problem } from '../../src/desk/problem.ts'
import { authenticator } from '../../src/http/access/authenticator.ts'
import type { ServingEnv } from '../../src/http/call/hono-call.ts'
import type { Failure } from '../../src/http/failure.ts'
import { gateOf } from '../../src/http/gate.ts'
import type { ProtocolRoute, Refuse } from '../../src/http/route.ts'
import { addRoutes } from '../../src/http/router.ts'

/** Asks a route that refuses everything, in the given way. */
async function refused(refuse: Refuse | undefined) {
  const failures: Failure[] = []
  const metrics = deskMetrics()
  const gate = gateOf({
    authenticator: authenticator('none'),
    limits: limitsOf(),
    metrics,
    onFailure: (failure) => failures.push(failure),
  })
  const route: ProtocolRoute = {
    id: 'never',
    group: 'tests',
    method: 'GET',
    path: '/never',
    summary: 'Refuses everything',
    scope: null,
    parameters: {},
    answer: 'text/plain',
    problems: [422],
    ...(refuse === undefined ? {} : { refuse }),
    handle() {
      throw new Problem(422, 'NEVER', 'This route answers nothing.')
    },
  }
  const app = new Hono<ServingEnv>()
  addRoutes(app, [route], gate)
  const response = await app.request('/never')
  gate.close()
  metrics.close()
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json(), failures }
}

test('a route refuses with a problem, or in its own way', async () => {
  expect(await refused(undefined)).toMatchObject({
    status: 422,
    type: 'application/problem+json',
    body: { code: 'NEVER', detail: 'This route answers nothing.' },
  })
  const own: Refuse = ({ code }) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: code }),
  })
  expect(await refused(own)).toMatchObject({ status: 200, body: { error: 'NEVER' }, failures: [] })
})

test('a route that fails to refuse still answers its caller, and the failure is reported', async () => {
  const broken: Refuse = () => {
    throw new Error('broken')
  }
  expect(await refused(broken)).toMatchObject({
    status: 422,
    type: 'application/problem+json',
    body: { code: 'NEVER' },
    failures: [{ route: '/never', error: new Error('broken') }],
  })
})
