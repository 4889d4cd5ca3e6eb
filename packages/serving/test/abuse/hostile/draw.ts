/** Draws from a seed, so that a run can be repeated. */
export interface Draw {
  /** A whole number from 0 to below `count`. */
  below(count: number): number
  chance(share: number): boolean
  one<T>(values: readonly [T, ...T[]]): T
  bytes(count: number): Buffer
}

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    below,
    chance: (share) => next() < share,
    one: (values) => values[below(values.length)] ?? values[0],
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  }
}
