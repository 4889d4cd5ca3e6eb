import { logFTail } from './f-tail.ts'

/**
 * The chance that Student's t with `degrees` of freedom exceeds t.
 *
 * @example studentTail(2, 10) // 0.036694017385
 */
export function studentTail(t: number, degrees: number): number {
  const half = 0.5 * Math.exp(logFTail(t * t, 1, degrees))
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
