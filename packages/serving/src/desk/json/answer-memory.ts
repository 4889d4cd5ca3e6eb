/** Memory that is kept for later answers, all pieces together. */
const IDLE_BYTES = 16_777_216
/** A larger piece is released. */
const LARGEST_BYTES = 4_194_304

/** Text in memory that other answers are written into once it has been given back. */
export class LentBytes {
  readonly bytes: Buffer<ArrayBuffer>
  #giveBack: (() => void) | undefined

  constructor(bytes: Buffer<ArrayBuffer>, giveBack: () => void) {
    this.bytes = bytes
    this.#giveBack = giveBack
  }

  /** Nobody reads the bytes any more. Only the first call counts. */
  giveBack(): void {
    const giveBack = this.#giveBack
    this.#giveBack = undefined
    giveBack?.()
  }
}

/**
 * Memory of large answers. The system has to clear what it newly gives, and the garbage collector runs the more often
 * the more of it comes and goes; so it is used again when an answer has left.
 */
export class AnswerMemory {
  readonly #idle: Buffer<ArrayBuffer>[] = []
  #bytes = 0

  /** Bytes that wait for an answer. */
  get idleBytes(): number {
    return this.#bytes
  }

  /** The piece that was given back last, or a new one of this size. */
  take(size: number): Buffer<ArrayBuffer> {
    const piece = this.#idle.pop()
    if (piece === undefined) return Buffer.allocUnsafeSlow(size)
    this.#bytes -= piece.length
    return piece
  }

  lend(piece: Buffer<ArrayBuffer>, length: number): LentBytes {
    return new LentBytes(piece.subarray(0, length), () => this.#keep(piece))
  }

  #keep(piece: Buffer<ArrayBuffer>): void {
    if (piece.length > LARGEST_BYTES || this.#bytes + piece.length > IDLE_BYTES) return
    this.#idle.push(piece)
    this.#bytes += piece.length
  }
}
