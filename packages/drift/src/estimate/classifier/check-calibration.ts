import { chiSquareTail } from '../../statistics/chi-square-tail.ts'
import { significant } from '../../verdict/stable-number.ts'
import { chance, grouped, percent } from '../../verdict/wording.ts'
import type { AssumptionCheck } from '../performance-estimate.ts'
import { binomialDraw } from '../../random/binomial-draw.ts'
import { seededUniform } from '../../random/seeded-uniform.ts'
import { chancesOf, redrawn, type ClassCalibration } from './class-calibration.ts'
import type { ScoreCounts } from './score-counts.ts'

/** Fewer labels show nothing. */
const MINIMUM_LABELS = 100
const GROUPS = 10
const DRAWS = 300
/** Calibration counts as broken when chances are wrong by so much on average, and that is not chance. */
const GAP = 0.02
const ALPHA = 0.01

/** What can be said without labels. */
export const untested: AssumptionCheck = {
  verdict: 'untested',
  rows: 0,
  p: null,
  gap: null,
  sentence:
    'No newer labels are known, so nothing shows whether scores still come true as often as in the reference: ' +
    'a change of what leads to the outcome (concept drift) is not in this estimate.',
}

/** Compares chances with labels that became known since: the assumption of the estimate, class by class. */
export function checkCalibration(
  counts: readonly ScoreCounts[],
  classes: readonly ClassCalibration[],
): AssumptionCheck {
  const [first] = counts
  const rows = first === undefined ? 0 : first.labelled.reduce((sum, count) => sum + count, 0)
  if (rows === 0) return untested
  if (rows < MINIMUM_LABELS)
    return {
      ...untested,
      rows,
      sentence: `Only ${grouped(rows)} newer labels are known, of ${MINIMUM_LABELS} that a test needs. ${untested.sentence}`,
    }
  const tests = counts.flatMap((one, index) => {
    const calibration = classes[index]
    return calibration === undefined ? [] : [testOf(one, calibration)]
  })
  const gap = significant(Math.max(...tests.map((test) => test.gap)), 6)
  const p = significant(Math.min(1, Math.min(...tests.map((test) => test.p)) * tests.length), 6)
  const broken = p < ALPHA && gap >= GAP
  const facts = `${grouped(rows)} newer labels: chances are off by ${percent(gap)} on average beyond noise, p ${chance(p)}`
  const almost = p < ALPHA ? 'almost ' : ''
  return {
    verdict: broken ? 'broken' : 'holds',
    rows,
    p,
    gap,
    sentence: broken
      ? `Scores no longer come true as in the reference (${facts}), so the estimate is wrong until it is calibrated again.`
      : `Scores still come true ${almost}as in the reference (${facts}). ` +
        'A change since those labels would not be seen.',
  }
}

/** The sum of squared gaps of ten groups of scores against its law, which draws show: of labels, and of the reference's. */
function testOf(counts: ScoreCounts, calibration: ClassCalibration): { readonly p: number; readonly gap: number } {
  const groups = groupsOf(counts)
  const expected = groupSums(groups, expectedOf(counts, calibration))
  const observed = groupSums(groups, counts.positives)
  const uniform = seededUniform(2)
  const draws = Array.from({ length: DRAWS }, () => {
    const chances = chancesOf(counts, redrawn(calibration, uniform))
    return groupSums(
      groups,
      counts.labelled.map((rows, cell) => binomialDraw(rows, chances[cell] ?? 0, uniform)),
    )
  })
  const certain = certainGroups(draws)
  const variances = expected.map((mean, group) =>
    certain.has(group) ? 0 : draws.reduce((sum, draw) => sum + ((draw[group] ?? 0) - mean) ** 2, 0) / DRAWS,
  )
  const size = (sums: readonly number[]): number =>
    sums.reduce((sum, value, group) => {
      const variance = variances[group] ?? 0
      return variance > 0 ? sum + (value - (expected[group] ?? 0)) ** 2 / variance : sum
    }, 0)
  const sizes = draws.map(size)
  const mean = sizes.reduce((sum, value) => sum + value, 0) / DRAWS
  const variance = sizes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (DRAWS - 1)
  const labelled = groupSums(groups, counts.labelled).reduce((sum, count) => sum + count, 0)
  const gap = (sums: readonly number[]): number =>
    sums.reduce((sum, value, group) => sum + Math.abs(value - (expected[group] ?? 0)), 0) / labelled
  const noise = draws.reduce((sum, draw) => sum + gap(draw), 0) / DRAWS
  // A scaled χ² with the mean and variance of the draws.
  const drawn = mean > 0 ? chiSquareTail((2 * mean * size(observed)) / variance, (2 * mean * mean) / variance) : 1
  const contradicted = contradiction([...certain], groups, counts, calibration)
  const p = contradicted < 1 ? Math.min(1, 2 * Math.min(drawn, contradicted)) : drawn
  return { p, gap: Math.max(0, gap(observed) - noise) }
}

/** The groups whose labels are the same in all draws. */
function certainGroups(draws: readonly (readonly number[])[]): ReadonlySet<number> {
  const [first = []] = draws
  return new Set([...first.keys()].filter((group) => draws.every((draw) => draw[group] === first[group])))
}

/**
 * The chance of so many labels that the reference has none of, in groups that its draws say nothing about: labels and reference as two
 * samples of one share.
 */
function contradiction(
  certain: readonly number[],
  groups: readonly number[],
  counts: ScoreCounts,
  calibration: ClassCalibration,
): number {
  const [labelled, positives] = [groupSums(groups, counts.labelled), groupSums(groups, counts.positives)]
  const [rows, before] = [groupSums(groups, calibration.rows), groupSums(groups, calibration.positives)]
  const squares = certain.flatMap((group) => {
    const [n, m] = [labelled[group] ?? 0, rows[group] ?? 0]
    const [x, y] = [positives[group] ?? 0, before[group] ?? 0]
    const share = (x + y) / (n + m)
    const variance = share * (1 - share) * (1 / n + 1 / m)
    return variance > 0 && Number.isFinite(variance) ? [(x / n - y / m) ** 2 / variance] : []
  })
  const size = squares.reduce((sum, square) => sum + square, 0)
  return size > 0 ? chiSquareTail(size, squares.length) : 1
}

function expectedOf(counts: ScoreCounts, calibration: ClassCalibration): readonly number[] {
  const chances = chancesOf(counts, calibration)
  return counts.labelled.map((rows, cell) => rows * (chances[cell] ?? 0))
}

/** The group of each bin: consecutive bins with about as many labels in each group. */
function groupsOf({ labelled }: ScoreCounts): readonly number[] {
  const bins = labelled.length / 2
  const all = labelled.reduce((sum, count) => sum + count, 0)
  let below = 0
  return Array.from({ length: bins }, (_, bin) => {
    const here = (labelled[bin] ?? 0) + (labelled[bins + bin] ?? 0)
    const group = Math.min(GROUPS - 1, Math.floor(((below + here / 2) / all) * GROUPS))
    below += here
    return group
  })
}

function groupSums(groups: readonly number[], cells: readonly number[]): readonly number[] {
  const sums = Array.from({ length: GROUPS }, () => 0)
  for (const [cell, value] of cells.entries()) {
    const group = groups[cell % groups.length] ?? 0
    sums[group] = (sums[group] ?? 0) + value
  }
  return sums
}
