import { z } from 'zod'
import type { Desk } from '../../desk/desk.ts'
import type { Answer } from '../../http/exchange.ts'
import type { ProtocolRoute } from '../protocol.ts'
import { COMMON } from './route-parts.ts'

const liveAnswer = z.strictObject({ live: z.boolean() })
const readyAnswer = z.strictObject({ ready: z.boolean(), live: z.boolean() })
const notReadyAnswer = z.strictObject({ ready: z.boolean(), live: z.boolean(), error: z.string() })

/** Triton answers these without a body; KServe's client reads one. */
export function healthRoutes(desk: Desk): readonly ProtocolRoute[] {
  const common = { ...COMMON, method: 'GET', scope: null, parameters: {}, problems: [403], always: true } as const
  return [
    {
      ...common,
      id: 'inferenceLive',
      path: '/v2/health/live',
      summary: 'The process answers',
      answer: liveAnswer,
      handle: () => '{"live":true}',
    },
    {
      ...common,
      id: 'inferenceReady',
      path: '/v2/health/ready',
      summary: 'The server can answer inference requests',
      answer: readyAnswer,
      otherAnswers: { 503: { description: 'Not ready', body: notReadyAnswer } },
      handle: () => ready(desk),
    },
  ]
}

async function ready(desk: Desk): Promise<Answer> {
  // Until the server is ready, probes may be the only requests.
  void desk.start()
  if ((await desk.ready()).ready) return '{"ready":true,"live":true}'
  const error = 'The server is not ready. GET /health/ready says why.'
  const body = JSON.stringify({ ready: false, live: true, error })
  return { status: 503, body, contentType: 'application/json' }
}
