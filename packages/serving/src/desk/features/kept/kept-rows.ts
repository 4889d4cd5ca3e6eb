import {
  stampBucket,
  STAMP_BUCKETS,
  type OnlineVectors,
  type RowLookup,
  type TableStamps,
} from '@martlet/feature-store'
import type { DeskMetrics } from '../../desk-metrics.ts'
import type { JsonBytes } from '../../json/json-bytes.ts'
import type { RowMarks } from '../row-marks.ts'
import type { VectorCounts } from '../vector-counts.ts'
import type { KeptAnswers } from './kept-answers.ts'
import { ENTRY_HEAD, type Slab } from './kept-bytes.ts'
import type { KeptTimes } from './kept-times.ts'

/*
 * The words of an entry behind its head:
 *   the state of the store in which it was last found good; bytes before and behind the times; lookups; gaps;
 *   one word unused;
 *   two doubles, the instants from and until which it holds;
 *   a double for each view, the time of its row;
 *   two words for each lookup, its table and bucket, and the bucket's counter;
 *   two words for each kind of gap, its place among the counts and how many;
 *   the bytes.
 */
const [STATE, BEFORE, BEHIND, LOOKUPS, GAPS] = [
  ENTRY_HEAD,
  ENTRY_HEAD + 1,
  ENTRY_HEAD + 2,
  ENTRY_HEAD + 3,
  ENTRY_HEAD + 4,
]
const FROM = ENTRY_HEAD + 6
const UNTIL = FROM + 2
const TIMES = UNTIL + 2

/** Where a key has been written. */
export interface Printed {
  readonly start: number
  readonly end: number
}

/** The rows of one prepared read that are kept: looked up by their printed key, copied, and checked before. */
export class KeptRows {
  readonly #marks: RowMarks
  readonly #kept: KeptAnswers
  readonly #counts: VectorCounts
  readonly #times: KeptTimes
  readonly #views: number
  readonly #tables = new Map<string, number>()
  #stamps: TableStamps[] = []
  /** The state of the store that this answer is of, and the one that `#stamps` are of. */
  #state = 0
  #stampsOf = -1
  /** The key that was looked for last. */
  readonly #key: { readonly owner: number; hash: number; bytes: Buffer; start: number; length: number }
  #hits = 0
  #misses = 0
  #stale = 0

  constructor(kept: KeptAnswers, views: number, counts: VectorCounts, times: KeptTimes, marks: RowMarks) {
    this.#marks = marks
    this.#kept = kept
    this.#views = views
    this.#counts = counts
    this.#times = times
    this.#key = { owner: kept.newOwner(), hash: 0, bytes: Buffer.alloc(0), start: 0, length: 0 }
  }

  /** Begins rows that are read without waiting; false when none can be used or kept. */
  begin(): boolean {
    const state = this.#kept.state()
    this.#state = state ?? 0
    return state !== undefined
  }

  /** Completes the row whose key has been written from `start` on; false when it has to be read. */
  write(out: JsonBytes, start: number, now: bigint): boolean {
    return this.has(out, start, now) && this.#copy(out, now)
  }

  /** Like `write`, but a row that is not kept or not good is not counted: it will be asked for again. */
  tryWrite(out: JsonBytes, start: number, now: bigint): boolean {
    return this.#find(out, start) && this.#isGood(now) && this.#copy(out, now)
  }

  /** Completes a row with the entry that has just been found. */
  #copy(out: JsonBytes, now: bigint): boolean {
    const { bytes } = this.#kept
    bytes.use(this.#key)
    const { slab, at } = bytes
    if (slab === undefined) return false
    const { words } = slab
    const gaps = words[at + GAPS] ?? 0
    const lookups = at + TIMES + 2 * this.#views
    const gapsAt = lookups + 2 * (words[at + LOOKUPS] ?? 0)
    const first = (gapsAt + 2 * gaps) * 4
    const behind = first + (words[at + BEFORE] ?? 0)
    out.copy(slab.bytes, first, behind)
    this.#times.write(out, slab.doubles, (at + TIMES) / 2, now)
    out.copy(slab.bytes, behind, behind + (words[at + BEHIND] ?? 0))
    this.#counts.again(words, gapsAt, gaps)
    this.#hits++
    return true
  }

  /** Whether the row whose key has been written from `start` on is kept and good; counts when it is not. */
  has(out: JsonBytes, start: number, now: bigint): boolean {
    if (!this.#find(out, start)) {
      this.#misses++
      return false
    }
    if (this.#isGood(now)) return true
    this.#stale++
    return false
  }

  #find(out: JsonBytes, start: number): boolean {
    const key = this.#key
    key.hash = out.hash(start)
    key.bytes = out.bytes
    key.start = start
    key.length = out.length - start
    return this.#kept.bytes.find(key)
  }

  #isGood(now: bigint): boolean {
    const { slab, at } = this.#kept.bytes
    return slab !== undefined && this.#holds(slab, at, Number(now))
  }

  /** Keeps a row that has just been read and written, of the state in which `begin` found the store. */
  keep(out: JsonBytes, { start, end }: Printed, vectors: OnlineVectors, row: number, now: bigint): void {
    const marks = this.#marks
    const lookups = lookupsOf(vectors, row, this.#views)
    const key = this.#key
    key.hash = out.hash(start, end)
    key.bytes = out.bytes
    key.start = start
    key.length = end - start
    const gaps = this.#counts.kinds(marks.gaps)
    const before = marks.times - end
    const behind = out.length - marks.timesEnd
    if (lookups === undefined || !this.#make(lookups.length, gaps.length / 2, before + behind + key.length)) {
      this.#counts.passed(1)
      return
    }
    const { slab, at } = this.#kept.bytes
    if (slab === undefined) return
    const { words, doubles, bytes } = slab
    words[at + STATE] = this.#state | 0
    words[at + BEFORE] = before
    words[at + BEHIND] = behind
    words[at + LOOKUPS] = lookups.length
    words[at + GAPS] = gaps.length / 2
    let [from, until] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    let word = at + TIMES + 2 * this.#views
    for (const lookup of lookups) {
      const [table, bucket] = [this.#tableOf(lookup.table), stampBucket(lookup.key)]
      words[word++] = table * STAMP_BUCKETS + bucket
      words[word++] = this.#stamps[table]?.[bucket] ?? 0
      if (lookup.until === undefined) continue
      // A row that is too old now is young enough for a clock that is set back.
      if (now <= lookup.until) until = Math.min(until, Number(lookup.until))
      else from = Math.max(from, Number(lookup.until) + 1)
    }
    doubles[(at + FROM) / 2] = from
    doubles[(at + UNTIL) / 2] = until
    for (let view = 0; view < this.#views; view++) {
      const time = vectors.featureTime(row, view)
      doubles[(at + TIMES) / 2 + view] = time === undefined ? Number.NaN : Number(time)
    }
    for (const gap of gaps) words[word++] = gap
    out.bytes.copy(bytes, word * 4, end, marks.times)
    out.bytes.copy(bytes, word * 4 + before, marks.timesEnd, out.length)
  }

  flush(service: string, { keptRows }: DeskMetrics): void {
    this.#times.forget()
    const counted = { hit: this.#hits, miss: this.#misses, stale: this.#stale }
    for (const [result, rows] of Object.entries(counted)) if (rows > 0) keptRows.inc({ service, result }, rows)
    this.#hits = this.#misses = this.#stale = 0
  }

  #make(lookups: number, gaps: number, bytes: number): boolean {
    return this.#kept.bytes.make(this.#key, TIMES + 2 * (this.#views + lookups + gaps) + Math.ceil(bytes / 4))
  }

  #tableOf(name: string): number {
    const known = this.#tables.get(name)
    if (known === undefined) {
      this.#tables.set(name, this.#tables.size)
      this.#stampsOf = -1
    }
    this.#refresh()
    return known ?? this.#tables.size - 1
  }

  #refresh(): void {
    if (this.#stampsOf === this.#state) return
    this.#stamps = [...this.#tables.keys()].map((table) => this.#kept.stamps.of(table))
    this.#stampsOf = this.#state
  }

  #holds({ words, doubles }: Slab, at: number, now: number): boolean {
    if (now < (doubles[(at + FROM) / 2] ?? 0) || now > (doubles[(at + UNTIL) / 2] ?? 0)) return false
    if (words[at + STATE] === (this.#state | 0)) return true
    this.#refresh()
    const first = at + TIMES + 2 * this.#views
    const end = first + 2 * (words[at + LOOKUPS] ?? 0)
    for (let word = first; word < end; word += 2) {
      const place = words[word] ?? 0
      const counter = this.#stamps[Math.trunc(place / STAMP_BUCKETS)]?.[place % STAMP_BUCKETS] ?? 0
      if ((counter | 0) !== words[word + 1]) return false
    }
    words[at + STATE] = this.#state | 0
    return true
  }
}

/** Undefined where a row depends on more than rows of the store, or has times that a double cannot hold. */
function lookupsOf(vectors: OnlineVectors, row: number, views: number): readonly RowLookup[] | undefined {
  for (let view = 0; view < views; view++) if (!isExact(vectors.featureTime(row, view))) return undefined
  const lookups = vectors.lookups?.(row)
  return lookups?.every(({ until }) => isExact(until)) === true ? lookups : undefined
}

function isExact(micros: bigint | undefined): boolean {
  return micros === undefined || (micros > -MOST && micros < MOST)
}

const MOST = BigInt(Number.MAX_SAFE_INTEGER)
