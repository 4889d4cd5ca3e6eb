/** A seeded generator of uniform numbers in (0, 1) for millions of draws: sfc32, the same on every machine. */
export function fastUniform(seed: number): () => number {
  let [a, b, c, d] = [0x9e3779b9 ^ seed, 0x243f6a88, 0xb7e15162 ^ Math.imul(seed, 0x85ebca6b), 1]
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return ((sum >>> 0) + 0.5) / 2 ** 32
  }
  for (let warm = 0; warm < 16; warm += 1) next()
  return next
}

/** Standard normal numbers, two for each pair of uniform ones (Box and Muller). */
export function fastNormal(seed: number): () => number {
  const next = fastUniform(seed)
  let spare = Number.NaN
  return () => {
    if (!Number.isNaN(spare)) {
      const value = spare
      spare = Number.NaN
      return value
    }
    const size = Math.sqrt(-2 * Math.log(next()))
    const angle = 2 * Math.PI * next()
    spare = size * Math.sin(angle)
    return size * Math.cos(angle)
  }
}
