import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FollowedFile } from './followed-files.ts'

/** Some lines of a file, in order. */
export interface Lines {
  /** The lines that are not blank, with their numbers, counted from 1 behind the lines before. */
  readonly lines: readonly { readonly number: number; readonly bytes: Uint8Array }[]
  /** Bytes from the beginning of what was read to the end of the last line. */
  readonly bytes: number
  /** Lines from the beginning of what was read, the blank ones included. */
  readonly count: number
}

export interface ReadLinesOptions {
  /** The byte at which the first line begins. @default 0 */
  readonly from?: number
  /** The most lines in one batch. */
  readonly batch: number
}

/** It leaves out a byte order mark. */
const utf8 = new TextDecoder()

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
/** Lines of so many bytes are a batch, however few they are. */
const BATCH_BYTES = 16 * 1024 * 1024

/**
 * Reads the lines of a file in batches, in bounded memory. A last line without a line feed is half-written, unless it is a
 * whole JSON object: it is read when the rest of it is there.
 */
export async function* readLines(file: FollowedFile, { from = 0, batch }: ReadLinesOptions): AsyncIterable<Lines> {
  // What follows a line that was whole before its line feed came is still that line.
  let continues = from > 0 && !(await endsLine(file.path, from))
  const raw = createReadStream(file.path, { start: from, highWaterMark: 1_048_576 })
  const stream = file.gzip ? pipeline(raw, createGunzip(), () => undefined) : raw
  let lines: { readonly number: number; readonly bytes: Uint8Array }[] = []
  let [bytes, count, held] = [0, 0, 0]
  let rest: Buffer[] = []
  const take = (line: Buffer, length: number): void => {
    bytes += length
    if (!continues) count++
    continues = false
    const text = line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line
    if (isBlank(text)) return
    lines.push({ number: count, bytes: text })
    held += text.length
  }
  const taken = (): Lines => {
    const done = { lines, bytes, count }
    lines = []
    held = 0
    return done
  }
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const line = chunk.subarray(start, end)
      const whole = rest.length === 0 ? line : Buffer.concat([...rest, line])
      rest = []
      take(whole, whole.length + 1)
      start = end + 1
      if (lines.length >= batch || held >= BATCH_BYTES) yield taken()
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
  }
  const last = Buffer.concat(rest)
  if (last.length > 0 && (file.gzip || isWholeObject(last))) take(last, last.length)
  if (bytes > 0) yield taken()
}

async function endsLine(path: string, offset: number): Promise<boolean> {
  await using file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset - 1)
  return buffer[0] === LINE_FEED
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 32 || byte === 9)
}

function isWholeObject(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(utf8.decode(line))
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
