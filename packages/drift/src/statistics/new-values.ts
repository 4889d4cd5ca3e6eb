import { logBinomial } from './binomial.ts'
import { logHypergeometric } from './hypergeometric.ts'

/** Larger sums are counted in coarser units, which limits the work. */
const MOST_UNITS = 2000

/**
 * The chance that at least `newRows` rows of the current sample hold values that only it has, when both samples come from one source.
 *
 * `totals` are the rows of each value in both samples together. If nothing changed, every way to deal these rows into n and m
 * is equally likely, and all c rows of a value are current with the hypergeometric chance `C(m, c) / C(n+m, c)`. Values that
 * occur once are dealt exactly, the others as if independent, which makes the chance larger rather than smaller. `newRows`
 * itself counts by half (mid-p).
 *
 * @example newValuesTest([600, 400, 1], 1, 971, 30) // 0.01498… = 30/1001/2
 */
export function newValuesTest(totals: readonly number[], newRows: number, n: number, m: number): number {
  if (newRows === 0 || n === 0) return 1
  const unit = Math.ceil(newRows / MOST_UNITS)
  const reached = Math.ceil(newRows / unit)
  const values = new Map<number, number>()
  for (const count of totals) values.set(count, (values.get(count) ?? 0) + 1)
  let law = new Float64Array(reached + 1)
  law[0] = 1
  let beyond = 0
  for (const [count, occurrences] of values) {
    const chance = Math.exp(logHypergeometric(count, { marked: count, draws: m, population: n + m }))
    if (!(chance * occurrences > 1e-300)) continue
    // Values smaller than a unit are replaced by fewer ones of a whole unit: the same mean, a wider spread.
    const dealt = count >= unit ? occurrences : Math.ceil((occurrences * count) / unit)
    const draw = { marked: occurrences, draws: m, population: n + m }
    const chanceOf =
      count === 1 && unit === 1
        ? (k: number): number => Math.exp(logHypergeometric(k, draw))
        : (k: number): number => Math.exp(logBinomial(k, dealt, chance, 1 - chance))
    const added = spread(law, Math.max(1, Math.round(count / unit)), { dealt, mean: dealt * chance, chanceOf })
    law = added.law
    beyond += added.beyond
  }
  return Math.min(1, beyond + (law[reached] ?? 0) / 2)
}

interface Dealt {
  readonly dealt: number
  readonly mean: number
  /** The chance that all rows of k of the dealt values are current. */
  readonly chanceOf: (k: number) => number
}

interface Spread {
  readonly law: Float64Array<ArrayBuffer>
  /** The chance of sums beyond the array: summed on its own, so that small chances keep their digits. */
  readonly beyond: number
}

/** The distribution of a sum after `size` is added to it for each new value. */
function spread(law: Float64Array, size: number, { dealt, mean, chanceOf }: Dealt): Spread {
  const last = law.length - 1
  const most = Math.min(dealt, Math.floor(last / size))
  const weights = Array.from({ length: most + 1 }, (_, k) => chanceOf(k))
  let above = 0
  for (let k = most + 1; k <= dealt; k += 1) {
    const weight = chanceOf(k)
    above += weight
    if (k > mean && weight <= above * 1e-17) break
  }
  const next = new Float64Array(law.length)
  let beyond = 0
  for (let k = most; k >= 0; k -= 1) {
    const weight = weights[k] ?? 0
    const from = k * size
    // Sums that k values keep inside the array, and k + 1 do not.
    for (let sum = Math.max(0, last - from - size + 1); sum <= last - from; sum += 1) beyond += (law[sum] ?? 0) * above
    above += weight
    if (weight === 0) continue
    for (let sum = from; sum <= last; sum += 1) next[sum] = (next[sum] ?? 0) + weight * (law[sum - from] ?? 0)
  }
  return { law: next, beyond }
}
