import { ByteWriter } from '../online/byte-writer.ts'
import { floorDivide } from '../plan/time/grid.ts'
import type { Accumulator } from './accumulators/accumulator.ts'
import { ByteReader } from './byte-reader.ts'
import { putBig, putByte, putCount, putSigned } from './bytes-of.ts'
import type { ContinuousEvent } from './continuous-event.ts'
import { readEvent, writeEvent } from './event-bytes.ts'
import type { StateLayout, Ring } from './layout.ts'

/** From when on a summary can be read, µs: events of before had happened, and arrived. */
export interface Border {
  /** Windows are closed here or later. */
  readonly closedAt: bigint
  /** It is asked for at this instant or later; where the newest event closes windows, this is later than `closedAt`. */
  readonly by: bigint
}

/**
 * What is kept of many events of one entity, to be read at any instant from its border on: tiles of those that had
 * happened and arrived by the border, and one by one those that had not. It takes events in any order, and other
 * summaries whose border is not later than its own.
 */
export class Summary {
  readonly border: Border
  readonly #layout: StateLayout
  readonly #tiles: readonly Map<number, readonly Accumulator[]>[]
  readonly #first: readonly (number | null)[]
  readonly #later: ContinuousEvent[] = []
  #newest: bigint | undefined

  constructor(layout: StateLayout, border: Border) {
    this.#layout = layout
    this.border = border
    this.#tiles = layout.rings.map(() => new Map())
    this.#first = layout.rings.map((ring) => firstTile(ring, border.closedAt))
  }

  add(event: ContinuousEvent): void {
    if (event.time >= this.border.closedAt || event.since > this.border.by) {
      this.#later.push(event)
      return
    }
    this.#seen(event.time)
    for (const [place, { hop }] of this.#layout.rings.entries()) {
      const accumulators = this.#tile(place, hop === null ? 0 : Number(floorDivide(event.time, hop)))
      if (accumulators !== undefined) for (const one of accumulators) one.add(event)
    }
  }

  /** An event that is in no window any more. */
  addOld(time: bigint): void {
    this.#seen(time)
  }

  /** Takes in another summary of the same entity and layout. */
  addSummary(bytes: Uint8Array): void {
    const from = new SummaryReader(this.#layout, bytes)
    if (from.newest !== undefined) this.#seen(from.newest)
    from.tiles((ring, tile, read) => {
      const accumulators = this.#tile(ring, tile)
      if (accumulators !== undefined) read(accumulators)
    })
    for (const event of from.later()) this.add(event)
  }

  /** The bytes of everything; valid until `out` is written to again. */
  write(out: ByteWriter): void {
    writeHead(out, this.#layout, KIND_SUMMARY)
    putBig(out, this.border.closedAt)
    putBig(out, this.border.by - this.border.closedAt)
    putByte(out, this.#newest === undefined ? 0 : 1)
    if (this.#newest !== undefined) putBig(out, this.#newest)
    for (const tiles of this.#tiles) {
      putCount(out, tiles.size)
      let before = 0
      for (const [tile, accumulators] of [...tiles].toSorted(([a], [b]) => a - b)) {
        putSigned(out, tile - before)
        before = tile
        scratch.length = 0
        for (const one of accumulators) one.write(scratch)
        putCount(out, scratch.length)
        out.append(scratch.bytes.subarray(0, scratch.length))
      }
    }
    putCount(out, this.#later.length)
    for (const event of this.#later) writeEvent(this.#layout, out, event)
  }

  #seen(time: bigint): void {
    if (this.#newest === undefined || time > this.#newest) this.#newest = time
  }

  /** The accumulators of a tile; undefined where no window reaches it any more. */
  #tile(ring: number, tile: number): readonly Accumulator[] | undefined {
    const first = this.#first[ring]
    if (first !== null && first !== undefined && tile < first) return undefined
    const tiles = this.#tiles[ring]
    const known = tiles?.get(tile)
    if (known !== undefined) return known
    const made = this.#layout.accumulators(ring)
    tiles?.set(tile, made)
    return made
  }
}

const scratch = new ByteWriter(256)

/** The first tile that a window of a ring reaches which is closed at an instant or later; null: all of them. */
export function firstTile({ hop, reach }: Pick<Ring, 'hop' | 'reach'>, at: bigint): number | null {
  return hop === null || reach === null ? null : Number(floorDivide(at - reach, hop))
}

/** What begins the bytes that are kept for a view. */
export const KIND_EVENT = 1
export const KIND_SUMMARY = 2

export function writeHead(out: ByteWriter, { fingerprint }: Pick<StateLayout, 'fingerprint'>, kind: number): void {
  putByte(out, kind)
  out.append(fingerprint)
}

/** Whether bytes are of this kind and layout. */
export function isOf({ fingerprint }: Pick<StateLayout, 'fingerprint'>, bytes: Uint8Array, kind: number): boolean {
  return bytes[0] === kind && fingerprint.every((byte, place) => bytes[place + 1] === byte)
}

/** The bytes of kind and layout, in front of all others. */
export const HEAD_BYTES = 9

/** Reads the bytes of a summary from front to back, as far as they are asked for. */
export class SummaryReader {
  readonly border: Border
  /** The newest event in tiles; undefined when there is none. */
  readonly newest: bigint | undefined
  readonly #layout: StateLayout
  readonly #from: ByteReader

  constructor(layout: StateLayout, bytes: Uint8Array) {
    this.#layout = layout
    this.#from = new ByteReader(bytes)
    this.#from.at = HEAD_BYTES
    const closedAt = this.#from.big()
    this.border = { closedAt, by: closedAt + this.#from.big() }
    this.newest = this.#from.byte() === 1 ? this.#from.big() : undefined
  }

  /** Gives every tile; `read` adds what is in it to accumulators, as often as wanted. */
  tiles(visit: (ring: number, tile: number, read: (into: readonly Accumulator[]) => void) => void): void {
    const from = this.#from
    for (const ring of this.#layout.rings.keys()) {
      let tile = 0
      for (let left = from.count(); left > 0; left--) {
        tile += from.signed()
        const length = from.count()
        const start = from.at
        visit(ring, tile, (into) => {
          from.at = start
          for (const one of into) one.read(from)
        })
        from.at = start + length
      }
    }
  }

  /** The events that are kept one by one; to be asked for after the tiles. */
  *later(): Generator<ContinuousEvent, void, undefined> {
    for (let left = this.#from.count(); left > 0; left--) yield readEvent(this.#layout, this.#from)
  }
}
