import type { JsonBytes } from '../json/json-bytes.ts'
import { isoInstant } from './instant.ts'

/** Seconds, to the millisecond. */
export function ageSeconds(time: bigint, now: bigint): number {
  return inSeconds(Number(now - time))
}

/** Writes `{"time":…,"ageSeconds":…}`; null for undefined. */
export type WriteTime = (out: JsonBytes, time: bigint | undefined, now: bigint) => void

/** Instants whose text is kept, a power of two; rows of one answer mostly share a few. */
const PLACES = 256
const NONE = Buffer.from('null')

interface Piece {
  readonly time: bigint
  /** All but the age. */
  readonly bytes: Uint8Array
}

const END = Buffer.from('}')

export function timeWriter(): WriteTime {
  const pieces: (Piece | undefined)[] = Array.from({ length: PLACES })
  return (out, time, now) => {
    if (time === undefined) return out.raw(NONE)
    const place = Math.trunc(Number(time) / 1_000_000) & (PLACES - 1)
    let piece = pieces[place]
    if (piece?.time !== time) {
      piece = { time, bytes: Buffer.from(`{"time":"${isoInstant(time)}","ageSeconds":`) }
      pieces[place] = piece
    }
    out.raw(piece.bytes)
    out.number(ageSeconds(time, now))
    out.raw(END)
  }
}

function inSeconds(micros: number): number {
  return Math.round(micros / 1000) / 1000
}
