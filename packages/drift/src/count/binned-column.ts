/** One window of a number column, counted on a profile's edges. */
export interface BinnedNumbers {
  readonly rows: number
  readonly nulls: number
  readonly nan: number
  readonly positiveInfinite: number
  readonly negativeInfinite: number
  /** Rows with a finite number: the sum of `counts`. */
  readonly finite: number
  readonly counts: readonly number[]
  /** Σ(x − centre) of each bin. */
  readonly sums: readonly number[]
  /** Σ(x − centre)² of each bin. */
  readonly squares: readonly number[]
  /** Rows with a finite number, where all of the above is of weighted rows. @default finite */
  readonly valueRows?: number
}

/** One window of a category column. */
export interface CountedCategories {
  readonly rows: number
  readonly nulls: number
  readonly counts: ReadonlyMap<string, number>
  /** Rows whose value stayed in the warehouse because the column has too many values. */
  readonly beyond: number
  readonly distinct: number
  /** Where all of the above is of weighted rows: how many rows have a value, and the weight of values that one row alone has. */
  readonly weighed?: { readonly valueRows: number; readonly once: number }
}

/** Adds the counts of two disjoint sets of rows on the same edges. */
export function mergeNumbers(left: BinnedNumbers, right: BinnedNumbers): BinnedNumbers {
  return {
    rows: left.rows + right.rows,
    nulls: left.nulls + right.nulls,
    nan: left.nan + right.nan,
    positiveInfinite: left.positiveInfinite + right.positiveInfinite,
    negativeInfinite: left.negativeInfinite + right.negativeInfinite,
    finite: left.finite + right.finite,
    counts: add(left.counts, right.counts),
    sums: add(left.sums, right.sums),
    squares: add(left.squares, right.squares),
  }
}

function add(left: readonly number[], right: readonly number[]): readonly number[] {
  return left.map((value, bin) => value + (right[bin] ?? 0))
}

/** The counts of no rows. */
export function emptyNumbers(bins: number): BinnedNumbers {
  const zeros = Array.from({ length: bins }, () => 0)
  return {
    rows: 0,
    nulls: 0,
    nan: 0,
    positiveInfinite: 0,
    negativeInfinite: 0,
    finite: 0,
    counts: zeros,
    sums: zeros,
    squares: zeros,
  }
}
