import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

const LINE_FEED = 10

/** Bytes that a line, or the lines of a batch, may have in memory. */
export const MOST_BYTES: number = 64 * 1024 * 1024

/** Bytes of a block's first buffer. */
const FIRST_BYTES = 4 * 1024 * 1024

/** Some lines of a file, one behind the other. */
export interface LineBlock {
  readonly bytes: Buffer
  /** Where each line starts; −1 where it has more than {@link MOST_BYTES}. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Of each line, counted from 1. */
  readonly numbers: readonly number[]
  /** How many lines of the file are read with this block. */
  readonly read: number
  /** Whether the block ends the file; it may be empty. */
  readonly last: boolean
}

/** The SHA-256 of a file's lines, not compressed: a file that was compressed since keeps it. */
export async function sha256OfLines(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytesOf(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** The SHA-256 of a file's first lines; of all of them where it has no more. */
export async function sha256OfFirst(path: string, lines: number): Promise<string> {
  const hash = createHash('sha256')
  let left = lines
  for await (const chunk of bytesOf(path) as AsyncIterable<Buffer>) {
    let end = 0
    for (; left > 0 && end < chunk.length; left--) {
      const feed = chunk.indexOf(LINE_FEED, end)
      end = feed < 0 ? chunk.length : feed + 1
      if (feed < 0) break
    }
    hash.update(chunk.subarray(0, end))
    if (left === 0) break
  }
  return hash.digest('hex')
}

/**
 * The lines of a file behind the first `skip`, in blocks, in bounded memory. Empty lines are counted, and left out. A block
 * is valid until the next one is asked for.
 */
export async function* blocksOf(
  path: string,
  { skip, batch }: { readonly skip: number; readonly batch: number },
): AsyncGenerator<LineBlock> {
  const block = new Block()
  for await (const chunk of bytesOf(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      block.keep(chunk, start, end, skip)
      block.endLine(skip)
      start = end + 1
      if (block.starts.length < batch && block.held < MOST_BYTES) continue
      yield block.filled(false)
      block.empty()
    }
    if (start < chunk.length) block.keep(chunk, start, chunk.length, skip)
  }
  if (block.hasRest) block.endLine(skip)
  yield block.filled(true)
}

class Block {
  starts: number[] = []
  /** Bytes of the whole lines. */
  held = 0
  #bytes = Buffer.allocUnsafe(FIRST_BYTES)
  #ends: number[] = []
  #numbers: number[] = []
  #read = 0
  /** Bytes of the line that is not whole yet. */
  #rest = 0

  get hasRest(): boolean {
    return this.#rest > 0
  }

  /** Takes a part of a line, unless the line is skipped or too long. */
  keep(chunk: Buffer, from: number, to: number, skip: number): void {
    const at = this.held + this.#rest
    this.#rest += to - from
    if (this.#read < skip || this.#rest > MOST_BYTES) return
    const end = at + to - from
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, at)
      this.#bytes = larger
    }
    chunk.copy(this.#bytes, at, from, to)
  }

  endLine(skip: number): void {
    const length = this.#rest
    this.#rest = 0
    this.#read++
    if (this.#read <= skip || length === 0) return
    const isKept = length <= MOST_BYTES
    this.starts.push(isKept ? this.held : -1)
    this.#numbers.push(this.#read)
    if (isKept) this.held += length
    this.#ends.push(this.held)
  }

  filled(last: boolean): LineBlock {
    return { bytes: this.#bytes, starts: this.starts, ends: this.#ends, numbers: this.#numbers, read: this.#read, last }
  }

  /** Starts again, without the buffer of unusually long lines. */
  empty(): void {
    if (this.#bytes.length > MOST_BYTES) this.#bytes = Buffer.allocUnsafe(FIRST_BYTES)
    this.starts = []
    this.#ends = []
    this.#numbers = []
    this.held = 0
  }
}

function bytesOf(path: string): Readable {
  const raw = createReadStream(path, { highWaterMark: 1_048_576 })
  return path.endsWith('.gz') ? pipeline(raw, createGunzip(), () => undefined) : raw
}
