import type { Severity } from '../verdict/result.ts'
import type { TruthMetricName } from './metrics/list.ts'
import type { TruthTask } from './truth-metric.ts'

/** How many predictions of a window have their labels. */
export interface Coverage {
  readonly predictions: number
  /** Those whose label can be known: its time, and the time that it takes to arrive, are over. */
  readonly matured: number
  /** Matured ones with a label and a prediction; only these are measured. */
  readonly labelled: number
  /** Matured ones without a label. */
  readonly missing: number
  /** When the last label of the window can be known; null when all can. */
  readonly completeAt: string | null
}

/** Matured predictions with a label, but without a finite value. */
export function uselessOf({ matured, labelled, missing }: Coverage): number {
  return matured - labelled - missing
}

/** A metric in one window, of all rows or of a segment. */
export interface MetricPerformance {
  readonly metric: TruthMetricName
  readonly value: number | null
  /** The 95 % interval; null when there are too few clusters for one. */
  readonly interval: readonly [low: number, high: number] | null
  readonly reference: number | null
  /** How much worse than the reference, as the floor counts it; below 0 it is better. */
  readonly worse: number | null
  /** The chance of being so much worse when nothing changed. */
  readonly p: number | null
  /** `p` after Benjamini-Hochberg over the deciding metrics of the window. */
  readonly q: number | null
  readonly severity: Severity
  /** The same of the baseline on the same window, and by how much it differs; null without one. */
  readonly baseline: {
    readonly value: number
    /** This model's value less the baseline's, on the rows that a baseline's column has. */
    readonly difference: number
    readonly interval: readonly [low: number, high: number] | null
  } | null
}

/** The performance on all rows of a window, or on those of a segment. */
export interface GroupPerformance {
  /** Null: all rows. */
  readonly segment: { readonly column: string; readonly value: string } | null
  readonly rows: number
  /** Groups of rows that count as independent of each other. */
  readonly clusters: number
  readonly metrics: readonly MetricPerformance[]
}

/** A bin of chances. */
export interface CalibrationBin {
  readonly rows: number
  /** The mean chance. */
  readonly predicted: number
  /** How often it happened. */
  readonly happened: number
}

/** How good the predictions of a window turned out to be. */
export interface WindowPerformance {
  readonly task: TruthTask
  /** What counts as one independent observation in intervals. */
  readonly clusteredBy: Clustering
  readonly coverage: Coverage
  /** All rows first, then the segments. */
  readonly groups: readonly GroupPerformance[]
  /** Of chances; null for other tasks. */
  readonly calibration: readonly CalibrationBin[] | null
  /** The baseline in words; null without one. */
  readonly baseline: string | null
}

/** Rows of one entity, or of one day, depend on each other. */
export type Clustering = 'entities' | 'days' | 'rows'
