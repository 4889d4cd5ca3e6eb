import { LentBytes } from '../desk/json/answer-memory.ts'
import { AnswerText } from '../desk/json/answer-text.ts'
import type { Reply } from './call/reply.ts'
import type { Answer } from './exchange.ts'

/** The answer of a handler as it is sent. */
export function answerReply(answer: Answer, requestId: string): Reply {
  if (answer instanceof AnswerText || typeof answer === 'string' || answer instanceof Uint8Array)
    return { status: 200, headers: { 'content-type': 'application/json', 'x-request-id': requestId }, body: answer }
  if (answer instanceof LentBytes) return { ...answerReply(answer.bytes, requestId), lent: answer }
  return {
    status: answer.status,
    headers: {
      'content-type': answer.contentType,
      'x-request-id': requestId,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...answer.headers,
    },
    body: answer.body,
  }
}

/** Whether an answer is a body alone, of status 200. */
export function isBody(answer: Answer): answer is string | AnswerText | Uint8Array<ArrayBuffer> | LentBytes {
  return (
    answer instanceof AnswerText ||
    typeof answer === 'string' ||
    answer instanceof Uint8Array ||
    answer instanceof LentBytes
  )
}
