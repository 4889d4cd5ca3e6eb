/** What careful code computes in doubles: two passes, with Neumaier's sums. Null where it leaves their range. */

export function neumaierSum(values: readonly number[]): number {
  let sum = 0
  let lost = 0
  for (const one of values) {
    const next = sum + one
    lost += Math.abs(sum) >= Math.abs(one) ? sum - next + one : one - next + sum
    sum = next
  }
  return sum + lost
}

/** Deviations from the mean; what rounding it leaves in their sum is taken back where they are used. */
function deviations(values: readonly number[]): readonly number[] {
  const middle = neumaierSum(values) / values.length
  return values.map((one) => one - middle)
}

function products(a: readonly number[], b: readonly number[]): number {
  const together = neumaierSum(a.map((one, i) => one * (b[i] ?? Number.NaN)))
  return together - (neumaierSum(a) * neumaierSum(b)) / a.length
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null)

export function twoPasses(name: string, values: readonly number[], others: readonly number[] = []): number | null {
  const x = deviations(values)
  switch (name) {
    case 'sum':
      return finite(neumaierSum(values))
    case 'mean':
      return finite(neumaierSum(values) / values.length)
    case 'variance':
      return values.length < 2 ? null : finite(products(x, x) / (values.length - 1))
    case 'stddev':
      return values.length < 2 ? null : finite(Math.sqrt(products(x, x) / (values.length - 1)))
    case 'slope': {
      const times = deviations(others.map((us) => us - (others[0] ?? 0)))
      return new Set(others).size < 2 ? null : finite((products(times, x) / products(times, times)) * 86_400_000_000)
    }
    case 'correlation': {
      const y = deviations(others)
      if (new Set(values).size < 2 || new Set(others).size < 2) return null
      const related = finite(products(x, y) / (Math.sqrt(products(x, x)) * Math.sqrt(products(y, y))))
      return related === null ? null : Math.max(-1, Math.min(1, related))
    }
    default:
      throw new Error(`no two passes make a ${name}`)
  }
}
