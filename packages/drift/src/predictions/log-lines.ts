import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

const LINE_FEED = 10

/** Bytes that a line, or the lines of a batch, may have in memory. */
export const MOST_BYTES: number = 64 * 1024 * 1024

/** A line of a file, counted from 1. */
export interface LogLine {
  readonly number: number
  /** Null where it has more than {@link MOST_BYTES}. */
  readonly text: string | null
}

/** The SHA-256 of a file's lines, not compressed: a file that was compressed since keeps it. */
export async function sha256OfLines(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytesOf(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/**
 * The lines of a file behind the first `skip`, in batches, in bounded memory. Blank lines are counted, and left out.
 * `last` is true for the batch that ends the file, which may be empty.
 */
export async function* linesOf(
  path: string,
  { skip, batch }: { readonly skip: number; readonly batch: number },
): AsyncGenerator<{ readonly lines: readonly LogLine[]; readonly read: number; readonly last: boolean }> {
  let lines: LogLine[] = []
  let read = 0
  let held = 0
  let rest: Buffer[] = []
  let restBytes = 0
  const keep = (piece: Buffer): void => {
    restBytes += piece.length
    if (restBytes > MOST_BYTES) rest = []
    else rest.push(piece)
  }
  const take = (): void => {
    read++
    if (read > skip) {
      const text = restBytes > MOST_BYTES ? null : Buffer.concat(rest).toString('utf8')
      if (text === null || text.trim() !== '') lines.push({ number: read, text })
      held += text === null ? 0 : restBytes
    }
    rest = []
    restBytes = 0
  }
  for await (const chunk of bytesOf(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      keep(chunk.subarray(start, end))
      take()
      start = end + 1
      if (lines.length < batch && held < MOST_BYTES) continue
      yield { lines, read, last: false }
      lines = []
      held = 0
    }
    if (start < chunk.length) keep(chunk.subarray(start))
  }
  if (restBytes > 0) take()
  yield { lines, read, last: true }
}

function bytesOf(path: string): Readable {
  const raw = createReadStream(path, { highWaterMark: 1_048_576 })
  return path.endsWith('.gz') ? pipeline(raw, createGunzip(), () => undefined) : raw
}
