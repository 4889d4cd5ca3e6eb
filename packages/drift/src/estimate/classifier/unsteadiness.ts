import { significant } from '../../verdict/stable-number.ts'
import { calibrationWithout, chancesOf, type ClassCalibration } from './class-calibration.ts'
import type { ClassifierCalibration } from './classifier-calibration.ts'
import {
  classifierMetrics,
  expectedScores,
  performanceOf,
  realisedScores,
  type ClassifierMetric,
} from './classifier-metrics.ts'
import { redrawnReferences, samplingSpread } from './sampling-spread.ts'
import type { ScoreCounts } from './score-counts.ts'

/** Estimates each part of the reference from the others, and compares with its labels. */
export function unsteadiness(
  classes: readonly ClassCalibration[],
  parts: readonly (readonly ScoreCounts[])[],
  all: readonly ScoreCounts[],
): ClassifierCalibration['unsteady'] {
  const blocks = parts[0]?.length ?? 0
  const excess = new Map(classifierMetrics.map((metric): [ClassifierMetric, number[]] => [metric, []]))
  for (let block = 0; block < blocks; block += 1) {
    const counts = parts.flatMap((windows) => windows.slice(block, block + 1))
    const others = classes.map((one, index) => {
      const [whole, part] = [all[index], counts[index]]
      return whole === undefined || part === undefined ? one : calibrationWithout(one, whole, part)
    })
    const expected = performanceOf(
      counts.map((one, index) => expectedScores(one, chancesOf(one, others[index] ?? { chances: null }))),
    )
    const realised = performanceOf(counts.map(realisedScores))
    const sampling = samplingSpread(counts, redrawnReferences(others))
    for (const [metric, found] of excess) {
      const squared = (realised[metric] - expected[metric]) ** 2 - sampling[metric] ** 2
      if (!Number.isNaN(squared)) found.push(squared)
    }
  }
  const spread = [...excess].map(([metric, squares]) => {
    const mean = squares.reduce((sum, square) => sum + square, 0) / Math.max(1, squares.length)
    return [metric, significant(Math.sqrt(Math.max(0, mean)), 6)]
  })
  return { blocks, spread: Object.fromEntries(spread) as Record<ClassifierMetric, number> }
}
