import { normalTail } from '../../statistics/normal.ts'
import { significant } from '../../verdict/stable-number.ts'
import { brief, chance, grouped, percent } from '../../verdict/wording.ts'
import type { AssumptionCheck } from '../performance-estimate.ts'
import type { LossCalibration } from './loss-calibration.ts'
import type { LossSums } from './scan-losses.ts'

const MINIMUM_LABELS = 100
/** Expectations count as broken when errors are so much larger or smaller, and that is not chance. */
const GAP = 0.1
const ALPHA = 0.01

/** What can be said without labels. */
export const untestedLoss: AssumptionCheck = {
  verdict: 'untested',
  rows: 0,
  p: null,
  gap: null,
  sentence:
    'No newer labels are known, so nothing shows whether errors still depend on the features as in the reference: ' +
    'a change of what leads to the outcome (concept drift) is not in this estimate.',
}

/** Compares expected errors with those that became known since. */
export function checkLoss({ absolute }: LossCalibration, sums: readonly LossSums[]): AssumptionCheck {
  const total = (pick: (one: LossSums) => number): number => sums.reduce((sum, one) => sum + pick(one), 0)
  const rows = total(({ labelled }) => labelled)
  if (rows === 0) return untestedLoss
  if (rows < MINIMUM_LABELS)
    return {
      ...untestedLoss,
      rows,
      sentence: `Only ${grouped(rows)} newer labels are known, of ${MINIMUM_LABELS} that a test needs. ${untestedLoss.sentence}`,
    }
  const expected = total(({ labelledAbsolute }) => labelledAbsolute)
  const real = total(({ losses }) => losses)
  const sampling = absolute.noise * total(({ labelledAbsoluteSquares }) => labelledAbsoluteSquares)
  const unsteady = ((absolute.unsteady?.spread ?? 0) * expected) ** 2
  const deviation = Math.sqrt(sampling + unsteady)
  const p = deviation > 0 ? significant(Math.min(1, 2 * normalTail(Math.abs(real - expected) / deviation)), 6) : 1
  // Where no error is expected, any is one too many.
  const gap = expected > 0 ? significant(real / expected - 1, 6) : real > 0 ? null : 0
  const broken = gap === null || (p < ALPHA && Math.abs(gap) >= GAP)
  const size =
    gap === null
      ? `${brief(real / rows)} on average where none were expected`
      : `${percent(Math.abs(gap))} ${gap > 0 ? 'larger' : 'smaller'} than expected`
  const facts = `${grouped(rows)} newer labels: errors are ${size}, p ${chance(gap === null ? 0 : p)}`
  return {
    verdict: broken ? 'broken' : 'holds',
    rows,
    p: gap === null ? 0 : p,
    gap,
    sentence: broken
      ? `Errors no longer depend on the features as in the reference (${facts}), so the estimate is wrong until it is calibrated again.`
      : `Errors still are as expected from the features (${facts}). A change since those labels would not be seen.`,
  }
}
