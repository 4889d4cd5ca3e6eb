import { accuracyOf, type Accuracy } from './accuracy.ts'
import { BASELINES, repeatFeature } from './baselines.ts'
import { fitIntervals, intervalsOf, type Intervals } from './quantile-model.ts'
import type { ForecastRows } from './training-rows.ts'

export interface RollingOptions {
  /** Days of each block of unseen days. @default 7 */
  readonly every?: number
  /** Unseen blocks, which are the last days. @default 4 */
  readonly blocks?: number
  /** Days before a block on which bounds are calibrated; the model learns from the days before them. @default 28 */
  readonly calibrate?: number
}

/** The accuracy of the model and of the baselines, over all unseen days and by horizon. */
export interface RollingResult {
  /** Unseen days. */
  readonly days: number
  readonly forecasters: readonly string[]
  readonly overall: readonly Accuracy[]
  /** By horizon, from 1 on; then as `forecasters`. */
  readonly byHorizon: readonly (readonly Accuracy[])[]
  /** The accuracy of the model in each block. */
  readonly blocks: readonly Accuracy[]
}

export const MODEL = 'quantile regression'

/**
 * Moves the origin through the last weeks: before each block the model is fitted and calibrated anew on days that have ended by
 * then, and forecasts every half-hour of each day of the block from what was known on that day.
 */
export function evaluateRolling(
  { matrix, target, day, horizon }: ForecastRows,
  options: RollingOptions = {},
): RollingResult {
  const { every = 7, blocks = 4, calibrate = 28 } = options
  const names = [MODEL, ...Object.keys(BASELINES)]
  const end = day.reduce((latest, value) => Math.max(latest, value), 0) + 1
  const start = end - every * blocks
  const all = names.map((): Intervals => emptyIntervals(matrix.rows))
  const rowsOf = (from: number, to: number): Int32Array =>
    Int32Array.from(day.keys()).filter((row) => (day[row] ?? 0) >= from && (day[row] ?? 0) < to)
  const perBlock: Accuracy[] = []
  for (let from = start; from < end; from += every) {
    // The label of a day ends on the day after it, so the last day before a block is not known yet.
    const known = from - 1
    const calibration = rowsOf(known - calibrate, known)
    const models = fitIntervals(matrix, target, rowsOf(-Infinity, known - calibrate), calibration)
    const unseen = rowsOf(from, from + every)
    const given = [
      intervalsOf(models, matrix),
      ...Object.values(BASELINES).map((feature) => repeatFeature(matrix, target, feature, calibration)),
    ]
    for (const [place, intervals] of given.entries())
      for (const bound of ['low', 'middle', 'high'] as const)
        for (const row of unseen) {
          const kept = all[place]?.[bound]
          if (kept !== undefined) kept[row] = intervals[bound][row] ?? Number.NaN
        }
    perBlock.push(accuracyOf(target, given[0] ?? emptyIntervals(matrix.rows), unseen))
  }
  const unseen = rowsOf(start, end)
  const judged = (rows: Int32Array): readonly Accuracy[] => all.map((intervals) => accuracyOf(target, intervals, rows))
  return {
    days: every * blocks,
    forecasters: names,
    overall: judged(unseen),
    byHorizon: Array.from({ length: 48 }, (_, i) => judged(unseen.filter((row) => horizon[row] === i + 1))),
    blocks: perBlock,
  }
}

function emptyIntervals(rows: number): Intervals {
  const empty = (): Float64Array => new Float64Array(rows).fill(Number.NaN)
  return { low: empty(), middle: empty(), high: empty() }
}
