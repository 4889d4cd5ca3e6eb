import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

const LINE_FEED = 10

/** A line of a file, counted from 1. */
export interface LogLine {
  readonly number: number
  readonly text: string
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
  let rest: Buffer[] = []
  const take = (line: Buffer): void => {
    read++
    if (read <= skip) return
    const text = line.toString('utf8')
    if (text.trim() !== '') lines.push({ number: read, text })
  }
  for await (const chunk of bytesOf(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const line = chunk.subarray(start, end)
      take(rest.length === 0 ? line : Buffer.concat([...rest, line]))
      rest = []
      start = end + 1
      if (lines.length < batch) continue
      yield { lines, read, last: false }
      lines = []
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  if (rest.length > 0) take(Buffer.concat(rest))
  yield { lines, read, last: true }
}

function bytesOf(path: string): Readable {
  const raw = createReadStream(path, { highWaterMark: 1_048_576 })
  return path.endsWith('.gz') ? pipeline(raw, createGunzip(), () => undefined) : raw
}
