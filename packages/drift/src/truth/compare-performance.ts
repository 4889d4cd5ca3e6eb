import type { Floor } from '../compare/floor.ts'
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts'
import { studentQuantile, studentTail } from '../statistics/student.ts'
import type { DriftPolicy } from '../verdict/policy.ts'
import { bySize } from '../verdict/severity.ts'
import type { Measured } from './measure.ts'
import { truthMetrics } from './metrics/list.ts'
import { REFERENCE } from './predicted-rows.ts'
import type { TruthMetric } from './truth-metric.ts'
import type { TruthRequest } from './truth-request.ts'
import type { GroupPerformance, MetricPerformance } from './truth-result.ts'

/** The chance that an interval lies beside the truth, on each side. */
const TAIL = 0.025

/** What decides: floors by metric, the rate of false discoveries and how many rows are enough. */
export interface TruthRule extends Pick<DriftPolicy, 'alpha' | 'minimumRows'> {
  readonly floors: NonNullable<TruthRequest['floors']>
  /** The columns of the dimensions from 1 on. */
  readonly segments: readonly string[]
  /** Segments of a column that are shown, by rows. */
  readonly most: number
}

/** The performance of a window in all of its groups, compared with the yardstick and the baseline. */
export function comparePerformance(
  measured: readonly Measured[],
  w: number,
  rule: TruthRule,
): readonly GroupPerformance[] {
  const at = new Map(measured.map((one) => [keyOf(one.side, one.w, one.dim, one.g, one.metric), one]))
  const groups = groupsOf(
    measured.filter((one) => one.side === 0 && one.w === w),
    rule,
  )
  const compared = groups.map((group) =>
    group.map((one) =>
      compare(one, {
        reference: at.get(keyOf(0, REFERENCE, one.dim, one.g, one.metric)),
        baseline: at.get(keyOf(1, w, one.dim, one.g, one.metric)),
        shared: at.get(keyOf(2, w, one.dim, one.g, one.metric)) ?? one,
        rule,
      }),
    ),
  )
  const tested = compared.flatMap((group, i) =>
    group.flatMap((one, k) => (one.decides && one.found.p !== null ? [{ i, k, p: one.found.p }] : [])),
  )
  const qs = benjaminiHochberg(tested.map(({ p }) => p))
  const q = new Map(tested.map(({ i, k }, index) => [`${i} ${k}`, qs[index] ?? 1]))
  return groups.map((group, i) => {
    const [first] = group
    return {
      segment:
        first === undefined || first.dim === 0 ? null : { column: rule.segments[first.dim - 1] ?? '', value: first.g },
      rows: first?.rows ?? 0,
      clusters: first?.clusters ?? 0,
      metrics: (compared[i] ?? []).map(({ found, floor }, k) => {
        const chance = q.get(`${i} ${k}`)
        const beyond = chance !== undefined && chance < rule.alpha && found.worse !== null
        return { ...found, q: chance ?? null, severity: beyond ? bySize(found.worse ?? 0, floor) : 'none' }
      }),
    }
  })
}

function keyOf(side: number, w: number, dim: number, g: string, metric: string): string {
  return `${side} ${w} ${dim} ${metric} ${g}`
}

/** Metrics by group: all rows first, then of each column the segments with most rows. */
function groupsOf(measured: readonly Measured[], { segments, most }: TruthRule): readonly (readonly Measured[])[] {
  return [0, ...segments.map((_, i) => i + 1)].flatMap((dim) => {
    const groups = Map.groupBy(
      measured.filter((one) => one.dim === dim),
      ({ g }) => g,
    )
    return [...groups.values()]
      .toSorted((a, b) => (b[0]?.rows ?? 0) - (a[0]?.rows ?? 0) || ((a[0]?.g ?? '') < (b[0]?.g ?? '') ? -1 : 1))
      .slice(0, most)
  })
}

interface Others {
  readonly reference: Measured | undefined
  readonly baseline: Measured | undefined
  /** The model on the rows that the baseline has. */
  readonly shared: Measured
  readonly rule: TruthRule
}

interface Compared {
  readonly found: MetricPerformance
  readonly floor: Floor
  readonly decides: boolean
}

function compare(one: Measured, { reference, baseline, shared, rule }: Others): Compared {
  const metric = metricNamed(one.metric)
  const given = rule.floors[metric.name]
  const floor = given ?? metric.floor
  const decides = one.rows >= rule.minimumRows && (given === undefined ? metric.decides : given !== null)
  const against =
    one.value === null || reference?.value === undefined || reference.value === null
      ? null
      : worsening(metric, one, reference)
  return {
    decides,
    floor,
    found: {
      metric: metric.name,
      value: one.value,
      interval: intervalOf(metric, one),
      reference: reference?.value ?? null,
      worse: against?.worse ?? null,
      p: against?.p ?? null,
      q: null,
      severity: 'none',
      baseline:
        shared.value === null || baseline?.value === undefined || baseline.value === null
          ? null
          : beside(shared, baseline),
    },
  }
}

function worsening(
  metric: TruthMetric,
  now: Measured,
  then: Measured,
): { readonly worse: number; readonly p: number | null } {
  const [value, before] = [now.value ?? 0, then.value ?? 0]
  const nearZero = metric.better === 'near zero'
  const worse = nearZero
    ? Math.abs(value) - Math.abs(before)
    : metric.better === 'higher'
      ? before - value
      : value - before
  const sign = nearZero ? Math.sign(value) * Math.sign(before) : 1
  const error = errorOfDifference(now, then, sign * now.withReference)
  const degrees = Math.min(now.clusters, then.clusters) - 1
  return {
    worse:
      metric.floor.of === 'points'
        ? worse
        : before === 0
          ? worse > 0
            ? Number.MAX_VALUE
            : 0
          : worse / Math.abs(before),
    p: error === null ? null : error === 0 ? (worse > 0 ? 0 : 1) : studentTail(worse / error, degrees),
  }
}

function beside(one: Measured, baseline: Measured): MetricPerformance['baseline'] {
  const difference = (one.value ?? 0) - (baseline.value ?? 0)
  const error = errorOfDifference(one, baseline, one.withBaseline)
  const degrees = Math.min(one.clusters, baseline.clusters) - 1
  const half = error === null ? null : studentQuantile(TAIL, degrees) * error
  return {
    value: baseline.value ?? 0,
    difference,
    interval: half === null ? null : [difference - half, difference + half],
  }
}

/** Clusters that are in both sides make both go up and down together, which takes from the variance of the difference. */
function errorOfDifference(a: Measured, b: Measured, product: number): number | null {
  if (a.variance === null || b.variance === null) return null
  return Math.sqrt(Math.max(0, a.variance + b.variance - 2 * product))
}

/**
 * Value ± t · standard error with as many degrees of freedom as clusters less one. For shares it is Wilson's interval with as
 * many rows as independent ones would give that error; at 0 and 1 as many as there are clusters (Korn and Graubard 1998).
 */
export function intervalOf(
  { isShare }: Pick<TruthMetric, 'isShare'>,
  { value, variance, clusters }: Pick<Measured, 'value' | 'variance' | 'clusters'>,
): readonly [low: number, high: number] | null {
  if (value === null || variance === null) return null
  const t = studentQuantile(TAIL, clusters - 1)
  if (isShare) {
    const n = value > 0 && value < 1 && variance > 0 ? (value * (1 - value)) / variance : clusters
    const middle = (value + (t * t) / (2 * n)) / (1 + (t * t) / n)
    const half = (t / (1 + (t * t) / n)) * Math.sqrt((value * (1 - value)) / n + (t * t) / (4 * n * n))
    return [Math.max(0, middle - half), Math.min(1, middle + half)]
  }
  const half = t * Math.sqrt(variance)
  return [value - half, value + half]
}

export function metricNamed(name: Measured['metric']): TruthMetric<Measured['metric']> {
  const found = truthMetrics.find((metric) => metric.name === name)
  if (found === undefined) throw new Error(`no metric ${name}`)
  return found
}
