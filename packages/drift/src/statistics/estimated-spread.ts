import { logFTail } from './f-tail.ts'
import { logNormalTail } from './normal.ts'

/**
 * The natural logarithm of a p after the spread it was computed with turned out to be an estimate with so many degrees of
 * freedom: Student's tail where the p took a normal one.
 *
 * @example Math.exp(withEstimatedSpread(Math.log(0.05), 10)) // 0.0784…: |t| of 1.96 with 10 degrees
 */
export function withEstimatedSpread(logP: number, degrees: number): number {
  if (!Number.isFinite(degrees) || !(logP < 0) || logP === -Infinity) return logP
  const z = normalBeyond(logP - Math.LN2)
  return z <= 0 ? logP : Math.max(logP, logFTail(z * z, 1, degrees))
}

/** The z that a standard normal variable exceeds with the chance of this logarithm, at most one half. */
function normalBeyond(logChance: number): number {
  let low = 0
  let high = Math.sqrt(-2 * logChance) + 1
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (logNormalTail(middle) > logChance) low = middle
    else high = middle
  }
  return (low + high) / 2
}
