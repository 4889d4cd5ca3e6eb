import type { Desk } from '../../desk/desk.ts'
import type { ProtocolRoute } from '../protocol.ts'

export function metricsRoute({ metrics }: Desk): ProtocolRoute {
  return {
    id: 'metrics',
    group: 'operations',
    method: 'GET',
    path: '/metrics',
    summary: 'Prometheus metrics',
    scope: 'metrics:read',
    parameters: {},
    answer: 'text/plain; version=0.0.4; charset=utf-8',
    problems: [401, 403],
    always: true,
    handle: async () => ({ status: 200, body: await metrics.text(), contentType: metrics.registry.contentType }),
  }
}
