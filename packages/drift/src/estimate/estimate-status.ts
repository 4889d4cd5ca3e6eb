import { grouped, percent } from '../verdict/wording.ts'
import type { AssumptionCheck, PerformanceEstimate } from './performance-estimate.ts'

/** A window with fewer usable predictions has no estimate. */
export const MINIMUM_ROWS = 30
/** With more rows than this share without a prediction, or outside of the reference, an estimate is doubtful. */
const MOST_UNSCORED = 0.05
const MOST_BEYOND = 0.05

/** Why an estimate is doubtful: rows that it leaves out or that the reference says nothing about, and labels that contradict it. */
export function doubts(found: {
  readonly rows: number
  readonly unscored: number
  /** Rows outside of what the reference had, and what that means. */
  readonly beyond: number
  readonly beyondWords: string
  readonly assumption: AssumptionCheck
}): readonly string[] {
  const { rows, unscored, beyond, beyondWords, assumption } = found
  const all = rows + unscored
  return [
    ...(assumption.verdict === 'broken' ? [assumption.sentence] : []),
    ...(unscored / all > MOST_UNSCORED ? [`${percent(unscored / all)} of the rows have no usable prediction.`] : []),
    ...(beyond / rows > MOST_BEYOND ? [`${percent(beyond / rows)} of the rows ${beyondWords}.`] : []),
  ]
}

/** An estimate of nothing, and why. */
export function unknownEstimate(
  window: Pick<PerformanceEstimate, 'from' | 'to'>,
  rows: Pick<PerformanceEstimate, 'rows' | 'unscored'>,
  reason: string,
  assumption: AssumptionCheck,
): PerformanceEstimate {
  const sentence = `Performance cannot be known: ${reason}`
  return { ...window, ...rows, status: 'unknown', reasons: [reason], metrics: [], assumption, sentence }
}

/** Why a window with too few rows has no estimate. */
export function fewRows(rows: number): string {
  return `${grouped(rows)} ${rows === 1 ? 'row has' : 'rows have'} a usable prediction; at least ${MINIMUM_ROWS} are needed.`
}
