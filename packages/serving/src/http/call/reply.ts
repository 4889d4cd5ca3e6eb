import type { LentBytes } from '../../desk/json/answer-memory.ts'

/** What is sent back. */
export interface Reply {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array<ArrayBuffer>
  /** The body, when its memory is used again once it has been sent. */
  readonly lent?: LentBytes
}
