import type { LentBytes } from '../../desk/json/answer-memory.ts'
import type { AnswerText } from '../../desk/json/answer-text.ts'

/** What is sent back. */
export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | AnswerText | Uint8Array<ArrayBuffer>
  /** The body, when its memory is used again once it has been sent. */
  readonly lent?: LentBytes
}
