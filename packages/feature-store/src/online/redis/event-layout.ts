import type { BorderedPart } from '../events/fold-parts.ts'

/**
 * Names of the keys of events. All of them are in one slot of a cluster, because an event is in its journal and in every tail,
 * or in none. No table of rows is named so.
 */
export interface EventLayout {
  position(source: string): string
  border(source: string): string
  newestTime(source: string): string
  offsets(source: string): string
  /** A stream whose ids are positions. */
  journal(source: string): string
  id(source: string, id: Uint8Array): Buffer
  /** A list of parts, the oldest first. */
  tail(table: string, key: Uint8Array): Buffer
  /** The set of the keys that have a tail. */
  keys(table: string): string
}

export function eventLayout(prefix: string): EventLayout {
  const named = (what: string, of: string): string => `${prefix}{.events}:${what}:${of}`
  const bytes = (what: string, of: string, key: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from(`${named(what, of)}:`), key])
  return {
    position: (source) => named('position', source),
    border: (source) => named('border', source),
    newestTime: (source) => named('newest', source),
    offsets: (source) => named('offsets', source),
    journal: (source) => named('journal', source),
    id: (source, id) => bytes('id', source, id),
    tail: (table, key) => bytes('tail', table, key),
    keys: (table) => named('keys', table),
  }
}

const EVENT = 0
const FOLDED = 1

/** What follows position and border of a part: its time, its kind and its value. */
export function partBody(time: bigint, kind: BorderedPart['kind'], value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(9 + value.length)
  bytes.writeBigInt64BE(time, 0)
  bytes.writeUInt8(kind === 'event' ? EVENT : FOLDED, 8)
  bytes.set(value, 9)
  return bytes
}

export function partBytes({ position, border, time, kind, value }: BorderedPart): Buffer {
  const head = Buffer.allocUnsafe(16)
  head.writeBigUInt64BE(position, 0)
  head.writeBigUInt64BE(border, 8)
  return Buffer.concat([head, partBody(time, kind, value)])
}

export function readPart(bytes: Buffer): BorderedPart {
  return {
    position: bytes.readBigUInt64BE(0),
    border: bytes.readBigUInt64BE(8),
    time: bytes.readBigInt64BE(16),
    kind: bytes.readUInt8(24) === EVENT ? 'event' : 'folded',
    value: bytes.subarray(25),
  }
}

const OFFSET = 2n ** 63n

/** A time as digits that sort as times do. */
export function timeDigits(time: bigint): string {
  return String(time + OFFSET).padStart(20, '0')
}

export function timeOf(digits: string): bigint {
  return BigInt(digits) - OFFSET
}
