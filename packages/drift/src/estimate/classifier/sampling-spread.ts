import { binomialDraw } from '../../random/binomial-draw.ts'
import { seededUniform } from '../../random/seeded-uniform.ts'
import { chancesOf, redrawn, type ClassCalibration } from './class-calibration.ts'
import {
  classifierMetrics,
  judgedScores,
  performanceOf,
  type ClassifierMetric,
  type ClassifierPerformance,
} from './classifier-metrics.ts'
import type { ScoreCounts } from './score-counts.ts'

/** Draws for each standard deviation; its own error is then 5 %. */
const DRAWS = 200

/** The calibrations that other references of the same size might have given: one of each class for each draw. */
export function redrawnReferences(classes: readonly ClassCalibration[]): readonly (readonly ClassCalibration[])[] {
  const uniform = seededUniform(1)
  return Array.from({ length: DRAWS }, () => classes.map((one) => redrawn(one, uniform)))
}

/**
 * How far realised metrics are from expected ones by chance alone, as standard deviations: labels are drawn from chances that
 * another reference of the same size might have given.
 */
export function samplingSpread(
  counts: readonly ScoreCounts[],
  references: readonly (readonly ClassCalibration[])[],
): ClassifierPerformance {
  const uniform = seededUniform(3)
  const moments = classifierMetrics.map((metric) => ({ metric, n: 0, sum: 0, square: 0, first: Number.NaN }))
  for (const classes of references) {
    const performance = performanceOf(
      counts.map((one, index) => {
        const calibration = classes[index]
        const chances = calibration === undefined ? [] : chancesOf(one, calibration)
        return judgedScores(
          one,
          one.rows.map((rows, cell) => binomialDraw(rows, chances[cell] ?? 0, uniform)),
        )
      }),
    )
    for (const moment of moments) {
      const value = performance[moment.metric]
      if (Number.isNaN(value)) continue
      if (moment.n === 0) moment.first = value
      moment.n += 1
      moment.sum += value - moment.first
      moment.square += (value - moment.first) ** 2
    }
  }
  return Object.fromEntries(
    moments.map(({ metric, n, sum, square }) => [
      metric,
      n < 2 ? Number.NaN : Math.sqrt(Math.max(0, (square - (sum * sum) / n) / (n - 1))),
    ]),
  ) as Record<ClassifierMetric, number>
}
