/**
 * The chance that Student's t with whole degrees of freedom is at most `t`.
 *
 * Source: Abramowitz and Stegun (1964), 26.7.3 and 26.7.4: finite sums in the angle atan(t/√ν).
 *
 * @example studentCumulative(2, 5) // 0.949030260585…
 */
export function studentCumulative(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const cosine = Math.cos(angle)
  const odd = degrees % 2 === 1
  let term = odd ? cosine : 1
  let sum = degrees === 1 ? 0 : term
  for (let k = odd ? 3 : 2; k < degrees - 1; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine
    sum += term
  }
  const between = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
  return (1 + between) / 2
}

/**
 * The value that Student's t with whole degrees of freedom exceeds with chance 1 − `level`.
 *
 * @example studentQuantile(0.99, 7) // 2.997951566868…
 */
export function studentQuantile(level: number, degrees: number): number {
  if (level < 0.5) return -studentQuantile(1 - level, degrees)
  let [low, high] = [0, 1]
  while (studentCumulative(high, degrees) < level && high < 1e300) high *= 2
  for (let step = 0; step < 200 && low < high; step += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (studentCumulative(middle, degrees) < level) low = middle
    else high = middle
  }
  return (low + high) / 2
}
