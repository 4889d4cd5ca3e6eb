/** Random numbers that a seed decides. */
export interface Seeded {
  /** From 0 (inclusive) to 1. */
  next(): number
  /** A whole number from 0 to `below`, exclusive. */
  below(below: number): number
  pick<T>(of: readonly T[]): T
  chance(share: number): boolean
}

export function seeded(seed: number): Seeded {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (share) => next() < share,
    pick(of) {
      const found = of[below(of.length)]
      if (found === undefined) throw new Error('there is nothing to pick')
      return found
    },
  }
}
