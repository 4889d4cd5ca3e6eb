/**
 * The distribution function of the two-sided one-sample statistic for large n: Kolmogorov's law and its three
 * corrections in 1/√n.
 *
 * Formula: K₀(z) + K₁(z)/√n + K₂(z)/n + K₃(z)/n^1.5 with z = √n·x.
 * Source: Pelz and Good (1976), as printed in Simard and L'Ecuyer, "Computing the Two-Sided Kolmogorov-Smirnov
 * Distribution", Journal of Statistical Software 39(11), 2011, section 2.
 *
 * @example pelzGood(1000, 0.03) // 0.678…
 */
export function pelzGood(n: number, x: number): number {
  const z = Math.sqrt(n) * x
  const z2 = z * z
  const z4 = z2 * z2
  const z6 = z4 * z2
  const pi2 = Math.PI * Math.PI
  let k0 = 0
  let k1 = 0
  let k2 = 0
  let k3 = 0
  for (let k = 40; k >= 0; k -= 1) {
    const h = (k + 0.5) * (k + 0.5) * pi2
    const weight = Math.exp(-h / (2 * z2))
    k0 += weight
    k1 += (h - z2) * weight
    k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * h + (1 - 2 * z2) * h * h) * weight
    k3 +=
      (h * h * h * (5 - 30 * z2) + h * h * (-60 * z2 + 212 * z4) + h * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z4 * z4) *
      weight
  }
  let even2 = 0
  let even3 = 0
  for (let k = 40; k >= 1; k -= 1) {
    const h = k * k * pi2
    const weight = Math.exp(-h / (2 * z2))
    even2 += h * weight
    even3 += (3 * h * z2 - h * h) * weight
  }
  const root = Math.sqrt(Math.PI / 2)
  const first = (2 * root * k0) / z
  const second = (2 * root * k1) / (6 * z4)
  const third = (2 * root * k2) / (72 * z6 * z) - (2 * root * even2) / (36 * z2 * z)
  const fourth = (2 * root * k3) / (6480 * z6 * z4) + (2 * root * even3) / (216 * z6)
  return first + second / Math.sqrt(n) + third / n + fourth / (n * Math.sqrt(n))
}
