import type { Desk } from '../../desk/desk.ts'
import { Problem } from '../../desk/problem.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { REFUSING } from './feast-error.ts'

export function healthRoute(desk: Desk): ProtocolRoute {
  return {
    ...REFUSING,
    id: 'feastHealth',
    group: 'feast',
    method: 'GET',
    path: '/health',
    summary: 'The definitions are loaded',
    description: 'As Feast answers it: 200 without a body. GET /health/ready looks at the store and the models, too.',
    scope: null,
    parameters: {},
    answer: 'text/plain',
    problems: [403, 503],
    always: true,
    handle() {
      // Until the server is ready, probes may be the only requests.
      void desk.start()
      if (desk.catalog.loaded) return { status: 200, body: '', contentType: 'text/plain' }
      throw new Problem(503, 'NOT_READY', 'The definitions are not loaded yet.', { retryAfter: 1 })
    },
  }
}
