/** A seeded generator of uniform numbers in (0, 1): xorshift on 64 bits, the same on every machine. */
export function uniform(seed: number): () => number {
  let state = (BigInt(seed) * 0x9e3779b97f4a7c15n + 0x1234567n) & 0xffffffffffffffffn
  return () => {
    state ^= (state << 13n) & 0xffffffffffffffffn
    state ^= state >> 7n
    state ^= (state << 17n) & 0xffffffffffffffffn
    return (Number(state >> 11n) + 0.5) / 2 ** 53
  }
}

/** Standard normal numbers by Box and Muller. */
export function normal(seed: number): () => number {
  const next = uniform(seed)
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next())
}

export function sample<T>(count: number, draw: () => T): T[] {
  return Array.from({ length: count }, draw)
}
