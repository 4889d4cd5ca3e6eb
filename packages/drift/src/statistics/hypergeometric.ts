import { logBinomial } from './binomial.ts'

/** Rows drawn without replacement: `draws` of `population`, of which `marked` carry a mark. */
export interface Draw {
  readonly marked: number
  readonly draws: number
  readonly population: number
}

/**
 * The natural logarithm of the chance that exactly `x` of the drawn rows carry the mark.
 *
 * Formula: `C(marked, x)·C(population−marked, draws−x) / C(population, draws)`, as three binomial terms with p = draws/population.
 * Source: C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
 *
 * @example Math.exp(logHypergeometric(1, { marked: 1, draws: 30, population: 1030 })) // 0.029126213592…
 */
export function logHypergeometric(x: number, { marked, draws, population }: Draw): number {
  const rest = population - marked
  if (x < 0 || x > marked || x > draws || draws - x > rest) return -Infinity
  if (draws === 0 || draws === population) return 0
  const p = draws / population
  const q = (population - draws) / population
  return logBinomial(x, marked, p, q) + logBinomial(draws - x, rest, p, q) - logBinomial(draws, population, p, q)
}

/**
 * The natural logarithm of `P(X > x) + ½·P(X = x)`, for an x that is not below the mean.
 *
 * Terms fall from x outwards, so small chances keep their digits.
 */
export function logMidTail(x: number, draw: Draw): number {
  const { marked, draws, population } = draw
  let term = 1
  let sum = 0.5
  for (let k = x; k < Math.min(marked, draws); k += 1) {
    term *= ((marked - k) / (k + 1)) * ((draws - k) / (population - marked - draws + k + 1))
    sum += term
    if (term < sum * 1e-17) break
  }
  return logHypergeometric(x, draw) + Math.log(sum)
}
