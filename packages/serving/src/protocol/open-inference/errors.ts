import { z } from 'zod'
import type { Refuse } from '../protocol.ts'

export interface ErrorAnswer {
  readonly error: string
}

export const errorAnswer: z.ZodType<ErrorAnswer> = z
  .strictObject({ error: z.string() })
  .meta({ description: 'What is wrong, beginning with its place in the request.' })

/** A refusal as clients of the protocol read it. Some of them need exactly this content type. */
export const refuse: Refuse = ({ status, message, details: { suggestion, retryAfter } }, requestId) => {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter)
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  const hint = suggestion === undefined || message.includes(suggestion) ? '' : ` Did you mean ${suggestion}?`
  return { status, headers, body: JSON.stringify({ error: message + hint }) }
}
