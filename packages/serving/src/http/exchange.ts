import type { Principal } from '../desk/principal.ts'
import type { LentBytes } from '../desk/json/answer-memory.ts'
import type { AnswerText } from '../desk/json/answer-text.ts'
import type { RequestContext } from '../desk/request-context.ts'
import type { Integers } from './body/json-body.ts'
import type { Call } from './call/call.ts'
import type { Reply } from './call/reply.ts'

/** One request on its way through a handler. */
export interface Exchange extends RequestContext {
  readonly call: Call
  /** The caller of a route that is open to everyone, when it sends a known key. */
  identify(): Promise<Principal | undefined>
  /** A short body that has arrived with its head; `object` and `bytes` can still be asked for. */
  arrived(): Buffer<ArrayBuffer> | undefined
  /**
   * The body as it was sent; asked for once. Its memory counts as held until the handler has ended.
   *
   * @throws Problem when it is too large or encoded, or does not arrive in time
   */
  bytes(): Promise<Buffer<ArrayBuffer>>
  /**
   * The body as a JSON object; asked for once, instead of `bytes`.
   *
   * @param integers what becomes of whole numbers beyond 2^53
   * @throws Problem when it is not one, or nests too deep
   */
  object(integers?: Integers): Promise<Readonly<Record<string, unknown>>>
}

/** A 200 answer in JSON, as text or as its bytes in UTF-8, or any other answer in full. */
export type Answer =
  | string
  | Uint8Array<ArrayBuffer>
  | AnswerText
  | LentBytes
  | {
      readonly status: number
      readonly body: Reply['body']
      readonly contentType: string
      readonly headers?: Readonly<Record<string, string>>
    }

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>
