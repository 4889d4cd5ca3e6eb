/**
 * A short answer as text that has one character for each byte (latin1): Node sends it in one piece with its head, and
 * unlike bytes it takes no memory outside of the heap.
 */
export class AnswerText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Bytes. */
  get length(): number {
    return this.text.length
  }
}
