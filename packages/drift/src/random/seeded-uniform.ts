/**
 * A seeded generator of uniform numbers in (0, 1), the same on every machine.
 *
 * Source: Marsaglia, "Xorshift RNGs" (2003), on 32 bits.
 */
export function seededUniform(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x6d2b79f5) | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 0.5) / 2 ** 32
  }
}

/**
 * Another one, in [0, 1): the classifier's, whose AUC in reports would be another with other numbers.
 *
 * Source: mulberry32, Tommy Ettinger (2017).
 */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
