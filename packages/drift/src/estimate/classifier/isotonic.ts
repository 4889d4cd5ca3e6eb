/**
 * The ascending numbers nearest to `values` in weighted squares (pool adjacent violators). A value without weight takes that of
 * its neighbour below, at the start of the one above.
 *
 * @example isotonic([0, 1, 0.5], [1, 1, 1]) // [0, 0.75, 0.75]
 */
export function isotonic(values: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  const starts: number[] = []
  const means: number[] = []
  const masses: number[] = []
  for (let index = 0; index < values.length; index += 1) {
    const weight = weights[index] ?? 0
    if (!(weight > 0)) continue
    let start = index
    let mean = values[index] ?? 0
    let mass = weight
    while (means.length > 0 && (means.at(-1) ?? 0) >= mean) {
      const before = masses.pop() ?? 0
      mean = (mean * mass + (means.pop() ?? 0) * before) / (mass + before)
      mass += before
      start = starts.pop() ?? start
    }
    starts.push(start)
    means.push(mean)
    masses.push(mass)
  }
  if (means.length === 0) return Array.from({ length: values.length }, () => Number.NaN)
  const fitted: number[] = []
  for (let index = 0, block = 0; index < values.length; index += 1) {
    while ((starts[block + 1] ?? Infinity) <= index) block += 1
    fitted.push(means[block] ?? 0)
  }
  return fitted
}
