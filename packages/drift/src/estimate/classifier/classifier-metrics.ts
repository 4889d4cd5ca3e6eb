import { byBin, type ScoreCounts } from './score-counts.ts'

export type ClassifierMetric = 'accuracy' | 'precision' | 'recall' | 'f1' | 'auc' | 'logLoss' | 'brier'

export const classifierMetrics: readonly ClassifierMetric[] = [
  'accuracy',
  'precision',
  'recall',
  'f1',
  'auc',
  'logLoss',
  'brier',
]

export type ClassifierPerformance = Readonly<Record<ClassifierMetric, number>>

/** One class against the rest, with labels that are known or expected. */
export interface JudgedScores {
  /** Rows and rows of the class in each cell, see `ScoreCounts`; the latter may be expected ones, so not whole. */
  readonly rows: readonly number[]
  readonly positives: readonly number[]
  /** Sums over all rows, as in `ScoreCounts`. */
  readonly logLoss: number
  readonly otherLogLoss: number
  readonly squaredLoss: number
}

/** What labels say. */
export function realisedScores(counts: ScoreCounts): JudgedScores {
  return { ...counts, rows: counts.labelled }
}

/** What is expected when a row of a cell is of the class with this chance. */
export function expectedScores(counts: ScoreCounts, chances: readonly number[]): JudgedScores {
  return judgedScores(
    counts,
    counts.rows.map((rows, cell) => rows * (chances[cell] ?? 0)),
  )
}

/** What follows when so many rows of each cell are of the class, whichever these are. */
export function judgedScores(counts: ScoreCounts, positives: readonly number[]): JudgedScores {
  let [logLoss, otherLogLoss, squaredLoss] = [0, 0, 0]
  for (const [cell, rows] of counts.rows.entries()) {
    if (rows === 0) continue
    const share = (positives[cell] ?? 0) / rows
    const [sum, square] = [counts.sums[cell] ?? 0, counts.squares[cell] ?? 0]
    logLoss -= share * (counts.logs[cell] ?? 0)
    otherLogLoss -= (1 - share) * (counts.otherLogs[cell] ?? 0)
    squaredLoss += share * (rows - 2 * sum) + square
  }
  return { rows: counts.rows, positives, logLoss, otherLogLoss, squaredLoss }
}

/**
 * The metrics of a classifier, from one class against the rest, or from each of several: precision, recall, F1 and AUC are then
 * their means. NaN where a metric is not defined, as precision without predictions.
 */
export function performanceOf(classes: readonly JudgedScores[]): ClassifierPerformance {
  const ones = classes.map(metricsOf)
  const [first] = ones
  if (ones.length === 1 && first !== undefined) return first
  const mean = (pick: (one: OneClass) => number): number => ones.reduce((sum, one) => sum + pick(one), 0) / ones.length
  const [all, hits] = [ones[0]?.all ?? 0, ones.reduce((sum, one) => sum + one.hits, 0)]
  const total = (pick: (one: JudgedScores) => number): number => classes.reduce((sum, one) => sum + pick(one), 0)
  return {
    accuracy: hits / all,
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
    auc: mean(({ auc }) => auc),
    logLoss: total(({ logLoss }) => logLoss) / all,
    brier: total(({ squaredLoss }) => squaredLoss) / all,
  }
}

interface OneClass extends ClassifierPerformance {
  readonly all: number
  readonly hits: number
}

function metricsOf({ rows, positives, logLoss, otherLogLoss, squaredLoss }: JudgedScores): OneClass {
  const bins = rows.length / 2
  let [all, right, predicted, hits, yes] = [0, 0, 0, 0, 0]
  for (let cell = 0; cell < rows.length; cell += 1) {
    const [n, p] = [rows[cell] ?? 0, positives[cell] ?? 0]
    all += n
    yes += p
    right += cell < bins ? n - p : p
    if (cell < bins) continue
    predicted += n
    hits += p
  }
  return {
    all,
    hits,
    accuracy: right / all,
    precision: hits / predicted,
    recall: hits / yes,
    f1: (2 * hits) / (predicted + yes),
    auc: areaUnderCurve(byBin(rows), byBin(positives)),
    logLoss: (logLoss + otherLogLoss) / all,
    brier: squaredLoss / all,
  }
}

/** The chance that a row of the class has the higher score; rows of one bin count as equal. */
function areaUnderCurve(rows: readonly number[], positives: readonly number[]): number {
  let [below, area, yes] = [0, 0, 0]
  for (const [bin, n] of rows.entries()) {
    const p = positives[bin] ?? 0
    area += p * (below + (n - p) / 2)
    below += n - p
    yes += p
  }
  return area / (yes * below)
}
