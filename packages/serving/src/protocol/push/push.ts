import { z } from 'zod'
import { splitEvents } from '../../desk/push/split-events.ts'
import type { Desk } from '../../desk/desk.ts'
import type { Exchange } from '../../http/exchange.ts'
import { GUARDED, inPath } from '../route-parts.ts'
import type { Protocol } from '../protocol.ts'
import { pushAnswer, pushAnswerOf } from './push-answer.ts'

/** Events that callers push. */
export const push: Protocol = {
  name: 'push',
  routes: (desk) => [
    {
      id: 'push',
      group: 'events',
      method: 'POST',
      path: '/v1/push/:source',
      summary: 'Push events of a source: one object, an array, or JSON lines',
      description:
        'Answered when the events are durable. An event whose id is known changes nothing, so a request can be sent again. ' +
        'Events that are not valid are kept in the quarantine with the reasons, and stop no others. ' +
        'Send JSON lines as application/x-ndjson; a body may be in gzip.',
      scope: 'events:push',
      parameters: { source: inPath('The name of the source') },
      body: z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))]),
      anyContentType: true,
      answer: pushAnswer,
      problems: [400, ...GUARDED, 404, 413, 415, 429],
      handle: (exchange) => takeEvents(exchange, desk),
    },
  ],
}

const LINES = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines)\b/i

async function takeEvents(exchange: Exchange, { push: desk }: Desk): Promise<string> {
  const writing = LINES.test(exchange.call.header('content-type') ?? '') ? 'lines' : 'json'
  const bodies = splitEvents(await exchange.bytes(), writing)
  return JSON.stringify(pushAnswerOf(await desk.push(exchange, exchange.call.param('source'), bodies)))
}
