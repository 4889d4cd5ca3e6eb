import { gammaUpper, logGammaUpper } from './gamma-upper.ts'

/**
 * The chance that a χ² variable with `degrees` degrees of freedom exceeds `statistic`: `Q(degrees/2, statistic/2)`.
 *
 * Source: DLMF 8.2.4 and the definition of χ². With no degrees of freedom there is nothing to test: 1.
 *
 * @example chiSquareTail(11.666666666666666, 2) // 0.00292829968…
 */
export function chiSquareTail(statistic: number, degrees: number): number {
  if (degrees === 0) return 1
  return gammaUpper(degrees / 2, Math.max(0, statistic) / 2)
}

/**
 * The natural logarithm of {@link chiSquareTail}.
 *
 * @example logChiSquareTail(2000, 1) // -1004.03…
 */
export function logChiSquareTail(statistic: number, degrees: number): number {
  if (degrees === 0) return 0
  return logGammaUpper(degrees / 2, Math.max(0, statistic) / 2)
}
