import { binomialDraw } from '../../random/binomial-draw.ts'
import { seededUniform } from '../../random/seeded-uniform.ts'
import { isotonic } from './isotonic.ts'
import { addScores, byBin, noScores, type ScoreCounts } from './score-counts.ts'

/** What the reference says about the scores of one class. */
export interface ClassCalibration {
  /** The value of the label that is this class. */
  readonly value: string
  /** The column of its score. */
  readonly score: string
  /** Ascending upper edges of bins; the first and last bin have no row of the reference. */
  readonly edges: readonly number[]
  /** Rows of the reference in each bin, Σ score, and rows of the class. */
  readonly rows: readonly number[]
  readonly sums: readonly number[]
  readonly positives: readonly number[]
  /**
   * The chance of the class in each bin, ascending with the score; null when the scores themselves are chances that rows held
   * out agree with at least as well.
   */
  readonly chances: readonly number[] | null
}

/** Parts that rows are dealt out to; each is held out once. */
const PARTS = 10

/** Calibrates a class on the counts of the reference. */
export function calibrateClass(
  named: Pick<ClassCalibration, 'value' | 'score' | 'edges'>,
  all: ScoreCounts,
): ClassCalibration {
  const { value, score, edges } = named
  const summed = { rows: byBin(all.rows), sums: byBin(all.sums), positives: byBin(all.positives) }
  return { value, score, edges, ...summed, chances: helps(dealtOut(all, PARTS), all) ? fitted(all) : null }
}

export function together(parts: readonly ScoreCounts[], bins: number): ScoreCounts {
  return parts.reduce(addScores, noScores(bins))
}

/** Isotonic regression of the label on the score. */
function fitted(counts: ScoreCounts): readonly number[] {
  const [rows, positives] = [byBin(counts.rows), byBin(counts.positives)]
  return isotonic(
    positives.map((count, bin) => count / (rows[bin] ?? 0)),
    rows,
  )
}

/** Whether calibration lowers the squared error of the chances of rows that it has not seen. */
function helps(parts: readonly ScoreCounts[], all: ScoreCounts): boolean {
  let [raw, calibrated] = [0, 0]
  for (const part of parts) {
    const chances = fitted(without(all, part))
    const [rows, sums, positives] = [byBin(part.rows), byBin(part.sums), byBin(part.positives)]
    for (const [bin, count] of rows.entries()) {
      if (count === 0) continue
      const share = (positives[bin] ?? 0) / count
      raw += count * ((sums[bin] ?? 0) / count - share) ** 2
      calibrated += count * ((chances[bin] ?? 0) - share) ** 2
    }
  }
  return calibrated < raw
}

/** The counts of all rows but those of a part. */
export function without(all: ScoreCounts, part: ScoreCounts): ScoreCounts {
  const each = (x: readonly number[], y: readonly number[]): readonly number[] =>
    x.map((value, cell) => value - (y[cell] ?? 0))
  return {
    ...all,
    rows: each(all.rows, part.rows),
    sums: each(all.sums, part.sums),
    positives: each(all.positives, part.positives),
    labelled: each(all.labelled, part.labelled),
  }
}

/** The calibration that the other parts would have given. */
export function calibrationWithout(
  calibration: ClassCalibration,
  all: ScoreCounts,
  part: ScoreCounts,
): ClassCalibration {
  const rest = without(all, part)
  const summed = { rows: byBin(rest.rows), sums: byBin(rest.sums), positives: byBin(rest.positives) }
  return { ...calibration, ...summed, chances: calibration.chances === null ? null : fitted(rest) }
}

/** The chance of the class in each cell of a window's counts. */
export function chancesOf(counts: ScoreCounts, { chances }: Pick<ClassCalibration, 'chances'>): readonly number[] {
  const bins = counts.rows.length / 2
  return counts.rows.map((rows, cell) =>
    chances === null ? (rows === 0 ? 0 : (counts.sums[cell] ?? 0) / rows) : (chances[cell % bins] ?? 0),
  )
}

/** The calibration that another reference of as many rows might have given. */
export function redrawn(calibration: ClassCalibration, uniform: () => number): ClassCalibration {
  const { rows, positives, chances } = calibration
  if (chances === null) return calibration
  const shares = rows.map((count, bin) =>
    count === 0 ? 0 : binomialDraw(count, chances[bin] ?? (positives[bin] ?? 0) / count, uniform) / count,
  )
  return { ...calibration, chances: isotonic(shares, rows) }
}

/** Deals rows out to parts by chance. */
function dealtOut(counts: ScoreCounts, parts: number, seed = 1): readonly ScoreCounts[] {
  const uniform = seededUniform(seed)
  const left = { rows: [...counts.rows], positives: [...counts.positives] }
  return Array.from({ length: parts }, (_, index): ScoreCounts => {
    const share = 1 / (parts - index)
    const positives = left.positives.map((count) => binomialDraw(count, share, uniform))
    const others = left.rows.map((count, cell) => binomialDraw(count - (left.positives[cell] ?? 0), share, uniform))
    const rows = others.map((count, cell) => count + (positives[cell] ?? 0))
    left.rows = left.rows.map((count, cell) => count - (rows[cell] ?? 0))
    left.positives = left.positives.map((count, cell) => count - (positives[cell] ?? 0))
    // Rows of a cell are alike but for their label, so each part gets its share of what they sum up to.
    const part = (values: readonly number[]): readonly number[] =>
      values.map((value, cell) =>
        (counts.rows[cell] ?? 0) === 0 ? 0 : (value * (rows[cell] ?? 0)) / (counts.rows[cell] ?? 1),
      )
    const losses = { logLoss: 0, otherLogLoss: 0, squaredLoss: 0 }
    const sums = {
      sums: part(counts.sums),
      squares: part(counts.squares),
      logs: part(counts.logs),
      otherLogs: part(counts.otherLogs),
    }
    return { unscored: 0, rows, positives, labelled: rows, ...sums, ...losses }
  })
}
