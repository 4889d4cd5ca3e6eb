import { z } from 'zod'
import { refusalHeaders } from '../../http/problem/refusal-headers.ts'
import type { Refuse } from '../protocol.ts'

export interface ErrorAnswer {
  readonly error: string
}

export const errorAnswer: z.ZodType<ErrorAnswer> = z
  .strictObject({ error: z.string() })
  .meta({ description: 'What is wrong, beginning with its place in the request.' })

/** A refusal as clients of the protocol read it. Some of them need exactly this content type. */
export const refuse: Refuse = (problem, requestId) => {
  const { status, message, details } = problem
  const { suggestion } = details
  const hint = suggestion === undefined || message.includes(suggestion) ? '' : ` Did you mean ${suggestion}?`
  const headers = refusalHeaders(problem, requestId, 'application/json')
  return { status, headers, body: JSON.stringify({ error: message + hint }) }
}
