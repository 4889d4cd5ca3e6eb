import { z } from 'zod'

/** The body of a refusal, as RFC 9457 describes it. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly requestId: string
  readonly traceId?: string | undefined
  readonly path?: string | undefined
  readonly suggestion?: string | undefined
  readonly problems?: readonly { readonly path: string; readonly detail: string }[] | undefined
}

export const problemBody: z.ZodType<ProblemBody> = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; safe to match on.' }),
    detail: z.string(),
    path: z
      .string()
      .optional()
      .meta({ description: 'The place in the request that is wrong, such as `keys[3].customer_id`.' }),
    suggestion: z
      .string()
      .optional()
      .meta({ description: 'An existing name that is close to the one in the request.' }),
    problems: z.array(z.strictObject({ path: z.string(), detail: z.string() })).optional(),
    requestId: z.string(),
    traceId: z
      .string()
      .optional()
      .meta({ description: 'The trace that the request named in `traceparent`, or that the server began.' }),
  })
  .meta({ description: 'RFC 9457.' })
