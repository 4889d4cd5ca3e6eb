import type { BorderedPart } from '../events/fold-parts.ts'

const POSITION = 8
const NUMBER = 2
/** Of a tail's part before its value: time, border, kind. */
const HEAD = 17

/** A source's own part of a table: keys begin with its name. */
export function sourcePrefix(source: string): Buffer {
  return Buffer.from(`${source}\0`)
}

export function journalKey(prefix: Buffer, position: bigint): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + POSITION)
  prefix.copy(key)
  key.writeBigUInt64BE(position, prefix.length)
  return key
}

export function journalPosition(key: Uint8Array): bigint {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readBigUInt64BE(key.length - POSITION)
}

export function idKey(prefix: Buffer, id: Uint8Array): Buffer {
  return Buffer.concat([prefix, id])
}

/** What the keys of all parts of a view's tails begin with. */
export function tablePrefix(table: string): Buffer {
  return Buffer.from(`${table}\0`)
}

/** What the keys of one entity's parts begin with; no entity's are among another's, whatever bytes their keys are. */
export function tailPrefix(table: Buffer, key: Uint8Array): Buffer {
  const prefix = Buffer.allocUnsafe(table.length + 2 + key.length)
  table.copy(prefix)
  prefix.writeUInt16BE(key.length, table.length)
  prefix.set(key, table.length + 2)
  return prefix
}

/** The key of one part: several of one event are told apart by their number. */
export function partKey(prefix: Buffer, position: bigint, number: number): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + POSITION + NUMBER)
  prefix.copy(key)
  key.writeBigUInt64BE(position, prefix.length)
  key.writeUInt16BE(number, prefix.length + POSITION)
  return key
}

/** The entity's key in the key of a part. */
export function entityKey(table: Buffer, part: Uint8Array): Uint8Array {
  return part.subarray(table.length + 2, part.length - POSITION - NUMBER)
}

export function partPosition(part: Uint8Array): bigint {
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength).readBigUInt64BE(part.length - POSITION - NUMBER)
}

/** The first key behind all that begin with a prefix. */
export function behind(prefix: Buffer): Buffer {
  const end = Buffer.alloc(prefix.length + POSITION + NUMBER + 1, 0xff)
  prefix.copy(end)
  return end
}

export function encodePart({ time, kind, value, border }: Omit<BorderedPart, 'position'>): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD + value.length)
  bytes.writeBigInt64BE(time, 0)
  bytes.writeBigUInt64BE(border, 8)
  bytes.writeUInt8(kind === 'folded' ? 1 : 0, 16)
  bytes.set(value, HEAD)
  return bytes
}

export function decodePart(position: bigint, bytes: Buffer): BorderedPart {
  return {
    position,
    time: bytes.readBigInt64BE(0),
    border: bytes.readBigUInt64BE(8),
    kind: bytes.readUInt8(16) === 1 ? 'folded' : 'event',
    value: bytes.subarray(HEAD),
  }
}
