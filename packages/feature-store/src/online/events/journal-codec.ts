import type { ArrivedEvent, JournalEvent } from './event-store.ts'

const utf8 = new TextDecoder()
const FIXED = 8 + 1 + 2 + 2 + 4

/** An event of a journal as bytes: when it came, its origin, its id, why it is rejected, and its own bytes. */
export function encodeJournalEvent({ id, body, arrived, origin, rejected }: Omit<ArrivedEvent, 'tails'>): Buffer {
  const from = Buffer.from(origin)
  const why = Buffer.from(rejected ?? '')
  const bytes = Buffer.allocUnsafe(FIXED + from.length + id.length + why.length + body.length)
  bytes.writeBigInt64BE(arrived, 0)
  bytes.writeUInt8(rejected === undefined ? 0 : 1, 8)
  bytes.writeUInt16BE(from.length, 9)
  bytes.writeUInt16BE(id.length, 11)
  bytes.writeUInt32BE(why.length, 13)
  let at = FIXED
  for (const part of [from, id, why, body]) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** What {@link encodeJournalEvent} has made; the event shares the bytes. */
export function decodeJournalEvent(position: bigint, bytes: Buffer): JournalEvent {
  const origin = FIXED + bytes.readUInt16BE(9)
  const id = origin + bytes.readUInt16BE(11)
  const why = id + bytes.readUInt32BE(13)
  return {
    position,
    arrived: bytes.readBigInt64BE(0),
    origin: utf8.decode(bytes.subarray(FIXED, origin)),
    id: bytes.subarray(origin, id),
    ...(bytes.readUInt8(8) === 1 ? { rejected: utf8.decode(bytes.subarray(id, why)) } : {}),
    body: bytes.subarray(why),
  }
}
