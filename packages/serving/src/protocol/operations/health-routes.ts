import type { Desk } from '../../desk/desk.ts'
import { readinessFor } from '../../desk/readiness.ts'
import type { Answer, Exchange } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { liveAnswer, readyAnswer } from './health-answers.ts'

export function healthRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = {
    group: 'operations',
    method: 'GET',
    scope: null,
    parameters: {},
    problems: [403],
    always: true,
  } as const
  return [
    {
      ...common,
      id: 'live',
      path: '/health/live',
      summary: 'The process answers',
      answer: liveAnswer,
      handle: () => '{"live":true}',
    },
    {
      ...common,
      id: 'ready',
      path: '/health/ready',
      summary: 'Definitions loaded, online store readable, champions loaded',
      description: '503 with the same body while the server is not ready or is shutting down.',
      answer: readyAnswer,
      otherAnswers: { 503: { description: 'Not ready', body: readyAnswer } },
      handle: (exchange) => ready(exchange, desk),
    },
  ]
}

async function ready(exchange: Exchange, desk: Desk): Promise<Answer> {
  // Until the server is ready, probes may be the only requests.
  void desk.start()
  const answer = readinessFor(await exchange.identify(), await desk.ready())
  return { status: answer.ready ? 200 : 503, body: JSON.stringify(answer), contentType: 'application/json' }
}
