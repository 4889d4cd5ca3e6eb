/** A stream of numbers in [0, 1): sfc32, seeded with integers, the same on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number
}

/** A stream that depends on every one of `keys`; neighbouring keys give unrelated streams. */
export function randomOf(...keys: readonly number[]): Random {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]
  const next32 = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  for (const key of keys) {
    a ^= key | 0
    b ^= Math.trunc(key / 2 ** 32) | 0
    for (let i = 0; i < 12; i++) next32()
  }
  const next = (): number => next32() / 2 ** 32
  return {
    next,
    // Box and Muller; 1 - u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

/** How many of something happen when `mean` are expected (Poisson). */
export function countOf(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.next(); product > limit; product *= random.next()) count++
  return count
}

/** One of several, each as likely as the others. */
export function oneOf<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random.next() * items.length)]
  if (item === undefined) throw new RangeError('nothing to choose from')
  return item
}
