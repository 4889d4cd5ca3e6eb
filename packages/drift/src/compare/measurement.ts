/** What one metric says of one column in one window. */
export interface Measurement {
  /** As measured; null when it is not defined here, and `reason` says why. */
  readonly value: number | null
  /** Value less what chance alone shows; compared with the practical floor. Null for metrics that are only reported. */
  readonly effect: number | null
  /** What the metric shows on average when nothing changed, at these row counts; null when there is no formula. */
  readonly noise: number | null
  /** A bound that certainly holds the exact value when it was computed from bins; null when `value` is exact. */
  readonly interval: readonly [low: number, high: number] | null
  /** Chance of at least this much by sampling alone; null for metrics without a test. */
  readonly p: number | null
  /** The natural logarithm of p. */
  readonly logP: number | null
  readonly reason: string | null
}

/** A measurement with nothing but what is given; everything else is null. */
export function measured(value: number, rest: Partial<Omit<Measurement, 'value'>> = {}): Measurement {
  return { value, effect: null, noise: null, interval: null, p: null, logP: null, reason: null, ...rest }
}

/** A metric that is not defined for these rows. */
export function notDefined(reason: string): Measurement {
  return { value: null, effect: null, noise: null, interval: null, p: null, logP: null, reason }
}
