/**
 * What a window's scores are for one class against the rest, as counts of cells. Cell `bin` has the rows that were not predicted to
 * be of the class, cell `bins + bin` those that were.
 */
export interface ScoreCounts {
  /** Rows without a score in 0..1. */
  readonly unscored: number
  readonly rows: readonly number[]
  /** Σ score. */
  readonly sums: readonly number[]
  /** Σ score². */
  readonly squares: readonly number[]
  /** Σ ln(score). */
  readonly logs: readonly number[]
  /** Σ ln(1 − score). */
  readonly otherLogs: readonly number[]
  /** Rows whose label is known, and those among them that are of the class. */
  readonly labelled: readonly number[]
  readonly positives: readonly number[]
  /** Of labelled rows: −Σ ln(score) of those of the class, −Σ ln(1 − score) of the others, and Σ (score − truth)². */
  readonly logLoss: number
  readonly otherLogLoss: number
  readonly squaredLoss: number
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** The counts of two disjoint sets of rows together. */
export function addScores(a: ScoreCounts, b: ScoreCounts): ScoreCounts {
  const each = (x: readonly number[], y: readonly number[]): readonly number[] =>
    x.map((value, cell) => value + (y[cell] ?? 0))
  return {
    unscored: a.unscored + b.unscored,
    rows: each(a.rows, b.rows),
    sums: each(a.sums, b.sums),
    squares: each(a.squares, b.squares),
    logs: each(a.logs, b.logs),
    otherLogs: each(a.otherLogs, b.otherLogs),
    labelled: each(a.labelled, b.labelled),
    positives: each(a.positives, b.positives),
    logLoss: a.logLoss + b.logLoss,
    otherLogLoss: a.otherLogLoss + b.otherLogLoss,
    squaredLoss: a.squaredLoss + b.squaredLoss,
  }
}

/** Counts of no rows. */
export function noScores(bins: number): ScoreCounts {
  const zeros = Array.from({ length: 2 * bins }, () => 0)
  return {
    unscored: 0,
    rows: zeros,
    sums: zeros,
    squares: zeros,
    logs: zeros,
    otherLogs: zeros,
    labelled: zeros,
    positives: zeros,
    logLoss: 0,
    otherLogLoss: 0,
    squaredLoss: 0,
  }
}

/** Adds the cells of both predictions, so that there is one number for each bin. */
export function byBin(cells: readonly number[]): readonly number[] {
  const bins = cells.length / 2
  return cells.slice(0, bins).map((value, bin) => value + (cells[bins + bin] ?? 0))
}
