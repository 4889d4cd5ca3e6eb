import { expect, onTestFinished, test } from 'vitest'
import type { Principal } from '../../src/desk/principal.ts'
import { deskMetrics } from '../../src/desk/desk-metrics.ts'
import { limitsOf } from '../../src/desk/limits.ts'
import { ALL_SCOPES, principalOf } from '../../src/http/access/grants.ts'
import { arrivedBody } from '../../src/http/body/body.ts'
import type { Call } from '../../src/http/call/call.ts'
import { gateOf, type Gate } from '../../src/http/gate.ts'
import type { GatedRoute } from '../../src/http/route.ts'

const text = 'x'.repeat(5000)
const route = (scope: GatedRoute['scope']): GatedRoute => ({ method: 'GET', path: '/', scope, handle: () => text })

function gateFor(caller: Principal | Promise<Principal>): Gate {
  const metrics = deskMetrics()
  const gate = gateOf({
    authenticator: {
      admit: () => undefined,
      identify: () => caller,
      hasSeveral: () => true,
      checks: () => ({}),
      refresh: async () => {},
      close: () => {},
    },
    limits: limitsOf({ unsentBytes: 10_000 }),
    metrics,
    onFailure: ({ error }) => expect.fail(String(error)),
  })
  onTestFinished(() => {
    gate.close()
    metrics.close()
  })
  return gate
}

/** The status of an answer that its caller does not read. */
function ask(gate: Gate, scope: GatedRoute['scope']): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const call: Call = {
    header: () => undefined,
    host: () => undefined,
    target: () => ({ path: '/', scheme: 'http' }),
    param: () => '',
    query: () => ({}),
    arrived: () => undefined,
    body: () => arrivedBody(Buffer.alloc(0)),
    gone: () => false,
    send: ({ status }) => resolve(status),
    cut: () => undefined,
  }
  gate.admit(route(scope))(call)
  return promise
}

const callerOf = (name: string): Principal =>
  principalOf({
    name,
    id: name,
    kind: 'key',
    rate: undefined,
    grants: ALL_SCOPES.map((scope) => ({ scope, to: undefined })),
  })

test.each([
  ['a key', callerOf('reader')],
  ['a key that is called nobody', callerOf('nobody')],
  ['a token that has to be checked first', Promise.resolve(callerOf('jwt:reader'))],
])('answers that callers without a key do not read leave room for %s', async (_, caller) => {
  const gate = gateFor(caller)
  expect(await ask(gate, null)).toBe(200)
  expect(await ask(gate, null)).toBe(503)
  expect(await ask(gate, 'features:read')).toBe(200)
})
