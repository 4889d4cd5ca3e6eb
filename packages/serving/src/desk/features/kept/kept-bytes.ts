/** The largest piece of memory that is taken at once; entries lie within one. */
const SLAB_BYTES = 1_048_576
const LEAST_SLAB_BYTES = 4096
/** Bytes of entries for which an index has one place. */
const BYTES_A_PLACE = 128

/** One piece of memory, seen as bytes, as 32-bit words and as doubles. */
export interface Slab {
  readonly bytes: Buffer
  readonly words: Int32Array
  readonly doubles: Float64Array
}

interface Generation {
  readonly slabs: Slab[]
  /** Where entries are, plus one, by hash; 0 where there is none. */
  readonly index: Int32Array
  /** Words that are taken in the last slab. */
  used: number
  entries: number
}

/** What identifies an entry: whose it is, and bytes. */
export interface EntryKey {
  readonly owner: number
  readonly hash: number
  readonly bytes: Buffer
  readonly start: number
  readonly length: number
}

/** Words in front of every entry, which this file writes: its hash, owner, size in words, and length of its key in bytes. */
export const ENTRY_HEAD = 4
const [HASH, OWNER, SIZE, KEY_LENGTH] = [0, 1, 2, 3]

/**
 * Entries in memory outside of the heap, so that the garbage collector sees a few large buffers. They are in two
 * generations: when the younger one is full, the older one is forgotten, and what was used since it was filled is
 * copied into the new one.
 *
 * The bytes of a key are the last ones of an entry.
 */
export class KeptBytes {
  readonly #slabWords: number
  readonly #slabs: number
  readonly #places: number
  readonly #spare: Slab[] = []
  #young: Generation
  #old: Generation | undefined

  constructor(limit: number) {
    const half = Math.floor(limit / 2)
    let slab = SLAB_BYTES
    while (slab > LEAST_SLAB_BYTES && slab * 2 > half) slab /= 2
    this.#slabWords = slab / 4
    // The index takes its part of the memory.
    this.#slabs = Math.max(1, Math.floor(half / (slab + (slab / BYTES_A_PLACE) * 8)))
    this.#places = 2 ** Math.ceil(Math.log2((this.#slabs * slab) / BYTES_A_PLACE))
    this.#young = this.#generation()
  }

  /** Bytes of memory taken now. */
  get bytes(): number {
    const slabs = this.#young.slabs.length + (this.#old?.slabs.length ?? 0) + this.#spare.length
    return slabs * this.#slabWords * 4 + this.#places * 4 * (this.#old === undefined ? 1 : 2)
  }

  /** Where an entry found or made last is. */
  slab: Slab | undefined
  /** Its first word. */
  at = 0
  #inOld = false

  /** Looks for an entry. */
  find(key: EntryKey): boolean {
    if (this.#findIn(this.#young, key)) return true
    if (this.#old === undefined || !this.#findIn(this.#old, key)) return false
    this.#inOld = true
    return true
  }

  /** The entry just found is worth keeping: it moves to the younger generation, and may be elsewhere now. */
  use(key: EntryKey): void {
    const { slab, at } = this
    if (!this.#inOld || slab === undefined) return
    const size = slab.words[at + SIZE] ?? 0
    // Making room may forget the generation that it is in, whose memory is not written before the next turn.
    if (!this.make(key, size)) return
    this.slab?.words.set(slab.words.subarray(at, at + size), this.at)
  }

  /** Makes an entry of so many words; false when it is too large. Its head and its key are written. */
  make(key: EntryKey, size: number): boolean {
    if (size > this.#slabWords) return false
    let young = this.#young
    const full = young.slabs.length === this.#slabs && young.used + size > this.#slabWords
    if (full || young.entries >= this.#places * 0.7) {
      this.turn()
      young = this.#young
    }
    if (young.slabs.length === 0 || young.used + size > this.#slabWords) {
      young.slabs.push(this.#spare.pop() ?? newSlab(this.#slabWords))
      young.used = 0
    }
    const number = young.slabs.length - 1
    const slab = young.slabs[number]
    if (slab === undefined) return false
    const at = young.used
    young.used += size + (size & 1)
    slab.words[at + HASH] = key.hash
    slab.words[at + OWNER] = key.owner
    slab.words[at + SIZE] = size
    slab.words[at + KEY_LENGTH] = key.length
    key.bytes.copy(slab.bytes, (at + size) * 4 - key.length, key.start, key.start + key.length)
    this.#enter(young, key, number * this.#slabWords + at)
    this.slab = slab
    this.at = at
    this.#inOld = false
    return true
  }

  /** Forgets what was not used since the last turn. Its memory is overwritten in the next turns of the event loop. */
  turn(): void {
    this.#wipe(this.#old)
    this.#old = this.#young.entries === 0 ? undefined : this.#young
    if (this.#old !== undefined) this.#young = this.#generation()
  }

  /** Forgets everything. */
  clear(): void {
    this.#wipe(this.#old)
    this.#wipe(this.#young)
    this.#old = undefined
    this.#young = this.#generation()
  }

  #generation(): Generation {
    return { slabs: [], index: new Int32Array(this.#places), used: 0, entries: 0 }
  }

  #findIn({ slabs, index }: Generation, { owner, hash, bytes, start, length }: EntryKey): boolean {
    const mask = index.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const address = (index[place] ?? 0) - 1
      if (address < 0) return false
      const slab = slabs[Math.trunc(address / this.#slabWords)]
      const at = address % this.#slabWords
      if (slab === undefined) return false
      const { words } = slab
      if (words[at] !== hash || words[at + OWNER] !== owner || words[at + KEY_LENGTH] !== length) continue
      const first = (at + (words[at + SIZE] ?? 0)) * 4 - length
      let same = 0
      while (same < length && slab.bytes[first + same] === bytes[start + same]) same++
      if (same < length) continue
      this.slab = slab
      this.at = at
      this.#inOld = false
      return true
    }
  }

  /** An entry of the same key is replaced. */
  #enter(generation: Generation, key: EntryKey, address: number): void {
    const { index } = generation
    const mask = index.length - 1
    const replaced = this.#findIn(generation, key) ? this.slab : undefined
    const old = replaced === undefined ? -1 : generation.slabs.indexOf(replaced) * this.#slabWords + this.at
    let place = key.hash & mask
    while (index[place] !== 0 && index[place] !== old + 1) place = (place + 1) & mask
    if (index[place] === 0) generation.entries++
    index[place] = address + 1
  }

  /** One slab a turn of the event loop, so that nobody waits for it. */
  #wipe(generation: Generation | undefined): void {
    const slabs = generation?.slabs.splice(0) ?? []
    const next = (): void => {
      const slab = slabs.pop()
      if (slab === undefined) return
      slab.bytes.fill(0)
      const taken = this.#young.slabs.length + (this.#old?.slabs.length ?? 0) + this.#spare.length
      if (taken < 2 * this.#slabs) this.#spare.push(slab)
      setImmediate(next)
    }
    if (slabs.length > 0) setImmediate(next)
  }
}

function newSlab(words: number): Slab {
  const memory = new ArrayBuffer(words * 4)
  return { bytes: Buffer.from(memory), words: new Int32Array(memory), doubles: new Float64Array(memory) }
}
