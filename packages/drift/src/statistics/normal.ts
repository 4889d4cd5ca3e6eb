import { gammaUpper, logGammaUpper } from './gamma-upper.ts'

/**
 * The complementary error function `2/√π ∫ₓ^∞ e^(−t²) dt`, which is `Q(½, x²)` for x ≥ 0.
 *
 * Source: DLMF 7.11.2.
 *
 * @example complementaryError(2) // 0.004677734981047266
 */
export function complementaryError(x: number): number {
  return x >= 0 ? gammaUpper(0.5, x * x) : 2 - gammaUpper(0.5, x * x)
}

/**
 * The chance that a standard normal variable exceeds z.
 *
 * @example normalTail(10) // 7.619853024160472e-24
 */
export function normalTail(z: number): number {
  const half = 0.5 * gammaUpper(0.5, 0.5 * z * z)
  return z >= 0 ? half : 1 - half
}

/**
 * The natural logarithm of {@link normalTail}.
 *
 * @example logNormalTail(40) // -804.608442
 */
export function logNormalTail(z: number): number {
  return z >= 0 ? logGammaUpper(0.5, 0.5 * z * z) - Math.LN2 : Math.log1p(-normalTail(-z))
}
