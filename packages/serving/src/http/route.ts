import type { z } from 'zod'
import type { Scope } from '../desk/principal.ts'
import type { Problem } from '../desk/problem.ts'
import type { Reply } from './call/reply.ts'
import type { Handler } from './exchange.ts'

export interface RouteParameter {
  readonly in: 'path' | 'query'
  readonly description: string
  readonly schema: z.ZodType
  readonly required: boolean
}

/** An answer other than 200 that is not a refusal. */
export interface OtherAnswer {
  readonly description: string
  /** As `answer`; without it, the answer has no body. */
  readonly body?: z.ZodType | string
}

/** One route as it is routed, checked and documented. */
export interface Route {
  /** Its name in OpenAPI, unique among all routes. */
  readonly id: string
  /** The heading under which it is documented, in lower case. */
  readonly group: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** In Hono's notation: `/v1/features/:service`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** Null: open to everyone. */
  readonly scope: Scope | null
  readonly parameters: Readonly<Record<string, RouteParameter>>
  /** The body: a schema for JSON, or another content type. It must not be one that HTML forms can send. */
  readonly body?: z.ZodType | string
  /** The 200 answer: a schema for JSON, or another content type. */
  readonly answer: z.ZodType | string
  /** Other content types of the 200 answer, which the caller asks for. */
  readonly alsoAnswers?: readonly string[]
  readonly otherAnswers?: Readonly<Record<number, OtherAnswer>>
  /** Statuses of refusals, apart from 500. */
  readonly problems: readonly number[]
  /** The body of a refusal, for a route that does not refuse with `application/problem+json`: see `refuse`. */
  readonly refusal?: z.ZodType
  /**
   * Clients send any content type, or none: where no key is needed, only the types that HTML forms can send are refused,
   * instead of all but that of the body.
   */
  readonly anyContentType?: true
  /** Answered even while the server starts or is full. */
  readonly always?: true
}

/** What a refusal looks like. */
export type Refuse = (problem: Problem, requestId: string, traceId?: string) => Reply

/** A route as a protocol serves it. */
export interface ProtocolRoute extends Route {
  readonly handle: Handler
  /** Asked for thousands of times a second: requests that need no decoding go straight from Node's server to the handler. */
  readonly hot?: true
  /** Refuses in the protocol's own way. @default application/problem+json */
  readonly refuse?: Refuse
}

/** What the gate needs of a route. */
export interface GatedRoute extends Pick<
  ProtocolRoute,
  'path' | 'scope' | 'body' | 'anyContentType' | 'always' | 'handle' | 'refuse'
> {
  /** As the metrics show it. */
  readonly method: Route['method'] | 'OTHER'
}
