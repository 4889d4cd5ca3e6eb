import { pointsOf, type Point } from '../count/counted-edges.ts'
import { centreOf, type NumericProfile } from '../profile/reference-profile.ts'
import type { ColumnEvidence } from './evidence.ts'
import { quoted } from './shown-value.ts'
import { millionth, significant } from './stable-number.ts'
import { brief, percent } from './wording.ts'

/** How a column's values moved, for a sentence about it. */
export interface Move {
  /** A predicate, such as `fell by 17 %`. */
  readonly words: string
  /** The change of the winsorised mean as a share of it, −0.17; null where it has no sign of its own or does not move. */
  readonly relative: number | null
}

/** Below this many robust σ the middle of a column has not moved. */
const STILL = 0.02
/** A share of zeros that changed by this much says more than a mean. */
const ZEROS = 0.1
/** Changes of fewer rows than this share are not named. */
const NEGLIGIBLE = 0.005

/** How a column moved; null when it cannot be said. */
export function moveOf(evidence: ColumnEvidence): Move | null {
  const { profile, values, categories, obstacle } = evidence
  if (obstacle !== null || values === 0) return null
  if (profile.kind === 'number') return numberMove(profile, evidence)
  return categories === null ? null : categoryMove(categories, profile.derived?.as === 'form')
}

/** A change by a share of what it was, in words. */
export function relativeWords(relative: number): string {
  const size = Math.abs(relative) * 100
  const shown = size >= 10 ? String(Math.round(size)) : String(Number(size.toPrecision(2)))
  return `${relative < 0 ? 'fell' : 'rose'} by ${shown} %`
}

function numberMove(profile: NumericProfile, evidence: ColumnEvidence): Move | null {
  const { shift } = evidence
  const { robustStd } = profile
  if (shift === null || robustStd === null) return null
  if (!(robustStd > 0)) return valueMove(profile, evidence)
  const moved = Math.abs(shift / robustStd) >= STILL
  const relative = moved ? relativeChange(profile, shift, robustStd) : null
  const zeros = zeroMove(profile, evidence)
  if (zeros !== null) return { words: zeros, relative }
  if (!moved) return { words: spreadWords(profile, evidence), relative }
  if (relative !== null) return { words: relativeWords(relative), relative }
  const size = brief(Math.abs(millionth(shift, robustStd)))
  return { words: `${shift < 0 ? 'fell' : 'rose'} by ${size} on average`, relative }
}

/** The change as a share of the mean, where all but a few values have the mean's sign, and it keeps it. */
function relativeChange(profile: NumericProfile, shift: number, std: number): number | null {
  const mean = winsorisedMean(profile)
  const [low, high] = profile.limits ?? [-1, 1]
  if (mean === null || profile.origin !== null || (low < 0 && high > 0)) return null
  // Of what changed its sign a share says nothing.
  if (Math.sign(mean + shift) === -Math.sign(mean)) return null
  const relative = shift / Math.abs(mean)
  return Math.abs(mean) > std / 100 && Math.abs(relative) >= NEGLIGIBLE ? significant(millionth(relative, 1), 6) : null
}

/** The mean of the reference after values beyond its limits are moved onto them. */
function winsorisedMean({ edges, counts, sums, limits, finite, ...profile }: NumericProfile): number | null {
  if (limits === null || finite === 0) return null
  const centre = centreOf(profile)
  const [low, high] = limits
  const [first, last] = [edges.indexOf(low), edges.indexOf(high)]
  let sum = 0
  for (const [bin, count] of counts.entries()) {
    if (bin <= first) sum += count * (low - centre)
    else if (bin > last) sum += count * (high - centre)
    else sum += sums[bin] ?? 0
  }
  return centre + sum / finite
}

/** Of a column that is nearly always one number: how often it still is. */
function valueMove(profile: NumericProfile, { counts, values }: ColumnEvidence): Move | null {
  const share = ({ value }: Point, cells: readonly number[], all: number): number =>
    (cells[profile.edges.indexOf(value)] ?? 0) / all
  const [usual] = pointsOf(profile.edges).toSorted(
    (a, b) => share(b, profile.counts, profile.finite) - share(a, profile.counts, profile.finite),
  )
  if (usual === undefined || profile.origin !== null) return null
  const [from, to] = [share(usual, profile.counts, profile.finite), share(usual, counts, values)]
  return { words: `is ${brief(usual.value)} in ${percent(to)} of its values (${percent(from)} before)`, relative: null }
}

function zeroMove(profile: NumericProfile, { counts, values }: ColumnEvidence): string | null {
  const zero = pointsOf(profile.edges).find(({ value }) => value === 0)
  const bin = zero === undefined ? -1 : profile.edges.indexOf(zero.value)
  if (bin < 0) return null
  const from = (profile.counts[bin] ?? 0) / profile.finite
  const to = (counts[bin] ?? 0) / values
  return Math.abs(to - from) >= ZEROS ? `is 0 in ${percent(to)} of its values (${percent(from)} before)` : null
}

/** What else changed when the middle stayed: the share of values beyond the outer deciles tells how wide they lie. */
function spreadWords({ deciles, edges, counts, finite }: NumericProfile, current: ColumnEvidence): string {
  const [first, last] = [edges.indexOf(deciles[0] ?? 0), edges.indexOf(deciles.at(-1) ?? 0)]
  const outside = (cells: readonly number[], all: number): number =>
    cells.reduce((sum, count, bin) => (bin <= first || bin > last ? sum + count : sum), 0) / all
  const change = outside(current.counts, current.values) / outside(counts, finite)
  if (change > 1.1) return 'spreads wider around the same middle'
  return change < 0.9 ? 'lies closer around the same middle' : 'has another shape around the same middle'
}

function categoryMove(
  { labels, reference, current, beyond }: NonNullable<ColumnEvidence['categories']>,
  risen: boolean,
): Move | null {
  const n = reference.reduce((sum, count) => sum + count, beyond[0])
  const m = current.reduce((sum, count) => sum + count, beyond[1])
  const changes = labels.map((label, cell) => ({
    label,
    from: (reference[cell] ?? 0) / n,
    to: (current[cell] ?? 0) / m,
  }))
  // Of two values that changed places, the one that was more frequent; of an instant's forms, the one that is so now.
  const size = ({ from, to }: (typeof changes)[number]): number =>
    Number((risen ? to - from : Math.abs(to - from)).toFixed(9))
  const [largest] = changes.toSorted((a, b) => size(b) - size(a))
  if (largest === undefined || !(n > 0 && m > 0)) return null
  const words = `is ${quoted(largest.label)} in ${percent(largest.to)} of its values (${percent(largest.from)} before)`
  return { words, relative: null }
}
