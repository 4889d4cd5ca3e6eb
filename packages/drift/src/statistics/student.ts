import { logGamma } from './log-gamma.ts'

const TINY = 1e-300

/**
 * The regularised incomplete beta function `I_x(a, b)`, for a, b > 0 and x in [0, 1].
 *
 * Source: DLMF 8.17.22, by Lentz's method, from the side that converges.
 *
 * @example betaLower(2, 3, 0.5) // 0.6875
 */
export function betaLower(a: number, b: number, x: number): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return Number.NaN
  if (x === 0 || x === 1) return x
  return x < (a + 1) / (a + b + 2) ? byFraction(a, b, x) : 1 - byFraction(b, a, 1 - x)
}

function byFraction(a: number, b: number, x: number): number {
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  let c = 1
  let d = 1 - ((a + b) * x) / (a + 1)
  d = 1 / (Math.abs(d) < TINY ? TINY : d)
  let fraction = d
  for (let m = 1; m < 10_000; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 + numerator * d
      d = 1 / (Math.abs(d) < TINY ? TINY : d)
      c = 1 + numerator / c
      if (Math.abs(c) < TINY) c = TINY
      fraction *= d * c
    }
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return front * fraction
}

/**
 * The chance that Student's t with `degrees` of freedom exceeds t.
 *
 * @example studentTail(2, 10) // 0.036694017385
 */
export function studentTail(t: number, degrees: number): number {
  const half = 0.5 * betaLower(degrees / 2, 0.5, degrees / (degrees + t * t))
  return t >= 0 ? half : 1 - half
}

/**
 * The t that Student's t exceeds with a chance of `tail`, which is at most a half.
 *
 * @example studentQuantile(0.025, 10) // 2.228138852
 */
export function studentQuantile(tail: number, degrees: number): number {
  let [low, high] = [0, 1]
  while (studentTail(high, degrees) > tail && high < 1e300) high *= 2
  for (let step = 0; step < 200 && high - low > 1e-15 * high; step++) {
    const middle = (low + high) / 2
    if (studentTail(middle, degrees) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}
