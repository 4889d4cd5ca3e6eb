import { AnswerMemory } from './answer-memory.ts'
import { JsonBytes } from './json-bytes.ts'

/** The buffers that answers are built in. */
export interface JsonBuffers {
  /** For answers that are built from start to end without yielding to other requests. */
  readonly shared: JsonBytes
  /** A buffer for an answer that is built in steps. Whoever borrows it gives it back. */
  borrow(): JsonBytes
  giveBack(buffer: JsonBytes): void
}

/** Keeps a few buffers, so that large answers do not each grow their own. */
export function jsonBuffers(kept = 4): JsonBuffers {
  const idle: JsonBytes[] = []
  const memory = new AnswerMemory()
  const made = (): JsonBytes => new JsonBytes(undefined, memory)
  return {
    shared: made(),
    borrow: () => idle.pop() ?? made(),
    giveBack(buffer) {
      buffer.clear()
      if (idle.length < kept) idle.push(buffer)
    },
  }
}
