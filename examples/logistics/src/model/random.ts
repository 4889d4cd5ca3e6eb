/** A stream of uniform numbers in [0, 1) that depends on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A share of some numbers, at least one, in their order: each is as likely as the others. */
export function sample(from: Int32Array, share: number, random: () => number): Int32Array {
  if (share >= 1) return from
  const wanted = Math.max(1, Math.round(from.length * share))
  const taken = new Int32Array(wanted)
  let count = 0
  for (let at = 0; at < from.length && count < wanted; at++)
    if (random() * (from.length - at) < wanted - count) taken[count++] = from[at] ?? 0
  return taken
}
