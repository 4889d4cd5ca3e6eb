import type { JsonBytes } from '../json/json-bytes.ts'
import { isoInstant } from './instant.ts'

/** Seconds, to the millisecond. */
export function ageSeconds(time: bigint, now: bigint): number {
  return inSeconds(Number(now - time))
}

/** Writes `{"time":…,"ageSeconds":…}`, and `closedAt` where it is given; null where there is no time. */
export type WriteTime = (out: JsonBytes, time: bigint | undefined, now: bigint, closedAt?: bigint) => void

/** Instants whose text is kept; rows of one answer mostly share a few. */
const PLACES = 256
const NONE = Buffer.from('null')

interface Piece {
  readonly time: bigint
  /** All but the age. */
  readonly text: string
  readonly now: bigint
  readonly bytes: Uint8Array
}

export function timeWriter(): WriteTime {
  const pieces: (Piece | undefined)[] = Array.from({ length: PLACES })
  return (out, time, now, closedAt) => {
    if (time === undefined) return out.raw(NONE)
    if (closedAt !== undefined) {
      const age = ageSeconds(time, now)
      return out.json(`{"time":"${isoInstant(time)}","ageSeconds":${age},"closedAt":"${isoInstant(closedAt)}"}`)
    }
    const place = Number(BigInt.asUintN(32, time / 1_000_000n)) % PLACES
    let piece = pieces[place]
    if (piece?.time !== time || piece.now !== now) {
      const text = piece?.time === time ? piece.text : `{"time":"${isoInstant(time)}","ageSeconds":`
      piece = { time, text, now, bytes: Buffer.from(`${text}${ageSeconds(time, now)}}`) }
      pieces[place] = piece
    }
    out.raw(piece.bytes)
  }
}

function inSeconds(micros: number): number {
  return Math.round(micros / 1000) / 1000
}
