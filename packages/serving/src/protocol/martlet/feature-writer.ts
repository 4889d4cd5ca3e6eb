import type { OnlineVectors } from '@martlet/feature-store'
import type { Asked, PreparedRead } from '../../desk/features/prepared-read.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'

const NEXT_ROW = Buffer.from(',{"keys":')
const FIRST_ROW = NEXT_ROW.subarray(1)
const COMMA = Buffer.from(',')
const ROWS = Buffer.from(',"rows":[')
const END_OF_ROWS = Buffer.from(']}')
const END_OF_ROW = Buffer.from('}')

/** One answer: what is asked for, and when. */
export interface Reading {
  readonly read: PreparedRead
  readonly asked: Asked
  readonly now: bigint
}

/** Rows that the store has not given yet. */
export interface Waiting {
  readonly from: number
  readonly to: number
  readonly vectors: Promise<OnlineVectors>
}

/**
 * Writes a whole answer from the body as it was sent, when it asks for one entity whose row is kept. False when it has
 * to be parsed or read; nothing has been counted then.
 */
export function writeOneKept(out: JsonBytes, body: Uint8Array, read: PreparedRead, now: () => bigint): boolean {
  const { kept } = read.writer
  const { scanOne } = read.keys
  if (kept === undefined || scanOne === undefined) return false
  writeHead(out, read)
  out.raw(FIRST_ROW)
  const start = out.length
  if (!scanOne(body, out) || !kept.begin() || !kept.tryWrite(out, start, now())) return false
  writeTail(out)
  return true
}

export function writeHead(out: JsonBytes, read: PreparedRead): void {
  out.raw(read.label)
  out.raw(ROWS)
}

/**
 * Writes rows, copied from those that are kept where that is possible, and otherwise read, in one go as many as there
 * are side by side. Stops where the store has to be waited for; what it gives is written by `writeRead`.
 */
export function writeRows(out: JsonBytes, reading: Reading, from: number, to: number): Waiting | undefined {
  const { read, now } = reading
  const { kept } = read.writer
  if (kept?.begin() !== true) {
    read.writer.passed(to - from)
    return readRows(out, reading, from, to, false)
  }
  for (let row = from; row < to;) {
    const start = out.length
    const key = writeKey(out, reading, row)
    if (kept.write(out, key, now)) {
      row++
      continue
    }
    out.truncate(start)
    const first = row++
    while (row < to && !isKept(out, reading, row)) row++
    const waiting = readRows(out, reading, first, row, true)
    if (waiting === undefined) continue
    read.writer.passed(row - first)
    return waiting
  }
  return undefined
}

function isKept(out: JsonBytes, { read, asked, now }: Reading, row: number): boolean {
  const start = out.length
  const key = asked.keys[row]
  if (key !== undefined) read.keys.write(out, key)
  const found = read.writer.kept?.has(out, start, now) === true
  out.truncate(start)
  return found
}

function readRows(out: JsonBytes, reading: Reading, from: number, to: number, keep: boolean): Waiting | undefined {
  const { read, asked, now } = reading
  const part =
    from === 0 && to === asked.keys.length
      ? asked
      : { keys: asked.keys.slice(from, to), request: asked.request?.slice(from, to) }
  const vectors = read.read(part, now)
  if (vectors instanceof Promise) return { from, to, vectors }
  writeRead(out, reading, { from, to, vectors }, keep)
  return undefined
}

/** @param keep whether the rows were read in the turn in which the kept ones were looked at */
export function writeRead(
  out: JsonBytes,
  reading: Reading,
  { from, to, vectors }: { readonly from: number; readonly to: number; readonly vectors: OnlineVectors },
  keep: boolean,
): void {
  const { read, now } = reading
  for (let row = from; row < to; row++) {
    const start = writeKey(out, reading, row)
    const end = out.length
    out.raw(COMMA)
    read.writer.row(out, vectors, row - from, now)
    out.raw(END_OF_ROW)
    if (keep) read.writer.kept?.keep(out, { start, end }, vectors, row - from, now)
  }
}

/** Returns where the key begins. */
function writeKey(out: JsonBytes, { read, asked }: Reading, row: number): number {
  out.raw(row === 0 ? FIRST_ROW : NEXT_ROW)
  const start = out.length
  const key = asked.keys[row]
  if (key !== undefined) read.keys.write(out, key)
  return start
}

export function writeTail(out: JsonBytes): void {
  out.raw(END_OF_ROWS)
}
