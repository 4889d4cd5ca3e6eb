/**
 * Solves A·x = b for a symmetric positive definite A, of which the upper half is given, by Cholesky's method.
 *
 * @throws Error when A is not positive definite
 */
export function solveSymmetric(upper: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  const l = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k <= i; k++) {
      let sum = upper[k * n + i] ?? 0
      for (let m = 0; m < k; m++) sum -= (l[i * n + m] ?? 0) * (l[k * n + m] ?? 0)
      if (i === k) {
        if (!(sum > 0)) throw new Error('the equations have no single solution')
        l[i * n + i] = Math.sqrt(sum)
      } else l[i * n + k] = sum / (l[k * n + k] ?? 1)
    }
  const x = Float64Array.from(b)
  for (let i = 0; i < n; i++) {
    for (let m = 0; m < i; m++) x[i] = (x[i] ?? 0) - (l[i * n + m] ?? 0) * (x[m] ?? 0)
    x[i] = (x[i] ?? 0) / (l[i * n + i] ?? 1)
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let m = i + 1; m < n; m++) x[i] = (x[i] ?? 0) - (l[m * n + i] ?? 0) * (x[m] ?? 0)
    x[i] = (x[i] ?? 0) / (l[i * n + i] ?? 1)
  }
  return x
}
