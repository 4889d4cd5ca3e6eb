import type { Answer } from './agree.ts'

/** A value, and the µs that have passed since. */
export interface Aged {
  readonly value: number
  readonly since: number
}

/** The sum written out. Where values cancel, each may be off by some roundings of its own. */
export function decayedAnswer(values: readonly Aged[], halfLife: number): Answer {
  // Half of the halvings twice, so that a large value keeps its digits when its weight alone would be none.
  const terms = values.map(({ value, since }) => {
    const half = 2 ** (-since / halfLife / 2)
    return value * half * half
  })
  const sizes = terms.reduce((sum, term) => sum + Math.abs(term), 0)
  const sum = terms.toSorted((a, b) => Math.abs(a) - Math.abs(b)).reduce((total, term) => total + term, 0)
  return {
    value: Number.isFinite(sum) ? sum : null,
    rounding: Math.min(sizes, Number.MAX_VALUE) * 2 ** -44 + Number.MIN_VALUE,
    ...(sizes > Number.MAX_VALUE / 2 ? { orNull: true as const } : {}),
  }
}
