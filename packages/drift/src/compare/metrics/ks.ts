import { justBelow } from '../../count/bin-edges.ts'
import type { NumericProfile } from '../../profile/reference-profile.ts'
import { kolmogorovTwoSidedTail } from '../../statistics/kolmogorov-two-sided.ts'
import { ksExact } from '../../statistics/ks-exact.ts'
import { dependentLogP, effectiveRows, isIndependent, type Dependence } from '../dependence.ts'
import { measured, notDefined, type Measurement } from '../measurement.ts'
import type { DecidingMetricKind } from '../metric-kind.ts'
import { emptySide, type NumberSides } from '../sides.ts'

/** The mean of Kolmogorov's law, √(π/2)·ln 2: what √(nm/(n+m))·D shows on average when nothing changed. */
const MEAN_OF_KOLMOGOROV = 0.8687311606361592
/** Above this many lattice cells the exact count takes longer than its precision is worth. */
const EXACT_CELLS = 1_000_000

/** Kolmogorov-Smirnov: the largest gap between the cumulative shares, exact from rows or an interval from bins. */
export const ks: DecidingMetricKind<'ks'> = {
  name: 'ks',
  word: 'KS',
  measure: { number: measure },
  decides: { kinds: ['number'], floor: { warn: 0.1, crit: 0.2 } },
  tests: ['number'],
  madeOf: 'counts',
}

function measure(sides: NumberSides): Measurement {
  const n = sides.profile.finite
  const m = sides.binned.finite
  const empty = emptySide(n, m)
  if (empty !== null) return notDefined(empty)
  if (sides.exactGap !== null) return fromGap(sides.exactGap, n, m, null, sides.dependence)
  const [low, high] = gapFromBins(sides, n, m)
  return fromGap(low, n, m, [low / n / m, Math.max(low, high) / n / m], sides.dependence)
}

/**
 * The gap times n·m from bins: an interval that certainly holds the exact one.
 *
 * At an edge the gap is exact: the largest of those is the lower end (and the value). Inside a bin (l, r] the gap is at most
 * `max(F(r) − G(l), G(r) − F(l))`. The p belongs to the lower end, so the exact p is not larger (beyond chance of ties).
 */
function gapFromBins({ profile, binned }: NumberSides, n: number, m: number): readonly [low: number, high: number] {
  let low = 0
  let high = 0
  let i = 0
  let j = 0
  for (const [bin, count] of profile.counts.entries()) {
    const before = { i, j }
    i += count
    j += binned.counts[bin] ?? 0
    low = Math.max(low, Math.abs(i * m - j * n))
    const empty = i === before.i || j === before.j
    if (!empty && !holdsOneValue(profile, bin)) high = Math.max(high, i * m - before.j * n, j * n - before.i * m)
  }
  return [low, high]
}

/** Whether a bin can hold only one value, so that its only gap is at its edge. */
function holdsOneValue(profile: NumericProfile, bin: number): boolean {
  const left = profile.edges[bin - 1]
  const right = profile.edges[bin]
  if (left === undefined || right === undefined) return false
  const whole =
    profile.type === 'integer' ||
    profile.type === 'bigint' ||
    (typeof profile.type === 'object' && profile.type.decimal[1] === 0)
  return left >= justBelow(right) || (whole && Math.floor(right) - Math.floor(left) <= 1)
}

function fromGap(
  scaled: number,
  n: number,
  m: number,
  interval: readonly [number, number] | null,
  dependence: Dependence,
): Measurement {
  const value = scaled / n / m
  const left = effectiveRows(n, dependence.reference, 'cumulative')
  const right = effectiveRows(m, dependence.current, 'cumulative')
  const noise = MEAN_OF_KOLMOGOROV * Math.sqrt(1 / left + 1 / right)
  const certain = interval === null || interval[1] === interval[0] ? null : interval
  const effect = Math.max(0, value - noise)
  if (isIndependent(dependence)) {
    const p = n * m <= EXACT_CELLS ? ksExact(n, m, scaled) : asymptotic(value, n, m)
    return measured(value, { effect, noise, interval: certain, p, logP: Math.log(p) })
  }
  const logP = dependentLogP(Math.log(asymptotic(value, left, right)), dependence, 'cumulative', n, m)
  return measured(value, { effect, noise, interval: certain, p: Math.exp(logP), logP })
}

function asymptotic(value: number, n: number, m: number): number {
  return kolmogorovTwoSidedTail(value, Math.max(1, Math.round((n / (n + m)) * m)), 20_000)
}
