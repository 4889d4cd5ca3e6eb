import type { Metric } from '../compare/metric.ts'
import type { ColumnEvidence } from './evidence.ts'
import type { DecidingMetric, DriftPolicy } from './policy.ts'
import type { ColumnResult, Severity, Status } from './result.ts'
import { quoted } from './shown-value.ts'
import { millionth, significant } from './stable-number.ts'
import { brief, chance, grouped, metricWord } from './wording.ts'

/** The p of a column: its smallest, corrected for how many tests it had. Null when it has none. */
export function columnP(evidence: ColumnEvidence, policy: DriftPolicy): number | null {
  if (evidence.obstacle !== null || evidence.values < policy.minimumRows) return null
  const tested = deciding(evidence).some(({ metric }) => metric === 'psi') ? ['psi', 'ks'] : ['chiSquare']
  const ps = evidence.metrics.flatMap(({ metric, p }) =>
    tested.includes(metric) && p !== null && !Number.isNaN(p) ? [p] : [],
  )
  return ps.length === 0 ? null : Math.min(1, Math.min(...ps) * ps.length)
}

/** Metrics that decide for this kind of column, as rounded for the result. */
function deciding({ profile, metrics }: ColumnEvidence): readonly (Metric & { readonly metric: DecidingMetric })[] {
  const wanted: readonly string[] = profile.kind === 'number' ? ['psi', 'wassersteinRobust', 'ks'] : ['jsDistance']
  return metrics.filter((metric): metric is Metric & { readonly metric: DecidingMetric } =>
    wanted.includes(metric.metric),
  )
}

/** The two-part verdict on a column: it changed when an effect reaches its practical floor and q is below α. */
export function judgeColumn(evidence: ColumnEvidence, q: number | null, policy: DriftPolicy): ColumnResult {
  const rounded = { ...evidence, metrics: evidence.metrics.map((metric) => stable(metric, evidence)) }
  const decision = decide(rounded, q, policy)
  const p = columnP(rounded, policy)
  return {
    name: evidence.profile.name,
    ...decision,
    p: p === null ? null : significant(p, 9),
    q: q === null ? null : significant(q, 9),
    values: evidence.values,
    nullRate: evidence.rows === 0 ? null : significant(evidence.nulls / evidence.rows, 12),
    metrics: rounded.metrics,
    counts: evidence.counts,
  }
}

type Decision = Pick<ColumnResult, 'status' | 'severity' | 'sentence' | 'excess'>

function decide(evidence: ColumnEvidence, q: number | null, policy: DriftPolicy): Decision {
  const { profile, values } = evidence
  if (evidence.obstacle !== null) return plain('not_evaluable', 'none', `Not evaluated: ${evidence.obstacle}.`)
  if (profile.kind === 'time') return plain('ok', 'none', 'A time column: only its nulls are watched.')
  if (values === 0)
    return plain(
      'not_evaluable',
      'none',
      evidence.rows === 0
        ? 'Not evaluated: no row has any value of its view.'
        : 'Not evaluated: every value is null, NaN or infinite.',
    )
  if (values < policy.minimumRows)
    return plain(
      'too_few_rows',
      'none',
      `${grouped(values)} ${values === 1 ? 'value' : 'values'}; at least ${grouped(policy.minimumRows)} are needed.`,
    )
  const effects = deciding(evidence).flatMap((metric) =>
    metric.effect === null ? [] : [{ metric, effect: metric.effect, floor: policy.floors[metric.metric] }],
  )
  if (effects.length === 0 || q === null)
    return plain(
      'not_evaluable',
      'none',
      `Not evaluated: ${evidence.metrics.find(({ reason }) => reason !== null)?.reason ?? 'the reference has no values'}.`,
    )
  const ranked = effects.toSorted((a, b) => b.effect / b.floor.warn - a.effect / a.floor.warn)
  const [first] = ranked
  const excess = first === undefined ? 0 : significant(first.effect / first.floor.warn, 6)
  const reached = ranked.filter(({ effect, floor }) => effect >= floor.warn)
  const words = (shown: typeof ranked): string =>
    shown
      .map(({ metric, effect, floor }) => `${metricWord(metric.metric)} ${brief(effect)} (floor ${brief(floor.warn)})`)
      .join(', ')
  const significantly = q < policy.alpha
  if (reached.length > 0 && significantly) {
    const crit = reached.some(({ effect, floor }) => effect >= floor.crit)
    return {
      status: crit ? 'drift' : 'warn',
      severity: crit ? 'crit' : 'warn',
      excess,
      sentence: `Changed: ${words(reached)}; q ${chance(q)}.${movement(evidence)}`,
    }
  }
  if (significantly)
    return {
      status: 'ok',
      severity: 'info',
      excess,
      sentence: `Significant, negligible: q ${chance(q)}, but no effect reaches its floor (${words(ranked.slice(0, 1))}).`,
    }
  if (reached.length > 0)
    return {
      status: 'ok',
      severity: 'none',
      excess,
      sentence: `${words(reached)}, which chance alone may explain (q ${chance(q)}).`,
    }
  return { status: 'ok', severity: 'none', excess, sentence: 'No change beyond chance.' }
}

function plain(status: Status, severity: Severity, sentence: string): Decision {
  return { status, severity, sentence, excess: null }
}

function movement({ profile, shift, categories }: ColumnEvidence): string {
  if (profile.kind === 'number' && shift !== null && profile.robustStd !== null && profile.robustStd > 0) {
    const move = shift / profile.robustStd
    if (Math.abs(move) < 0.02) return ' The middle stayed, the spread or shape changed.'
    return ` Values moved ${shift > 0 ? 'up' : 'down'} by ${brief(Math.abs(millionth(shift, profile.robustStd)))} on average (${brief(Math.abs(millionth(move, 1)))} σ).`
  }
  if (categories === null) return ''
  const n = categories.reference.reduce((sum, count) => sum + count, categories.beyond[0])
  const m = categories.current.reduce((sum, count) => sum + count, categories.beyond[1])
  const changes = categories.labels.map((label, cell) => ({
    label,
    from: (categories.reference[cell] ?? 0) / n,
    to: (categories.current[cell] ?? 0) / m,
  }))
  const [largest] = changes.toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
  return largest === undefined
    ? ''
    : ` Most of it: ${quoted(largest.label)} went from ${brief(100 * largest.from)} % to ${brief(100 * largest.to)} %.`
}

/** Metrics with the digits that are the same on every run. Those made of counts are exact; those made of sums are not. */
function stable(metric: Metric, { profile }: ColumnEvidence): Metric {
  const unit = profile.kind === 'number' && metric.metric === 'wasserstein' ? (profile.robustStd ?? 1) : 1
  const summed = metric.metric.startsWith('wasserstein')
  const round = (value: number | null): number | null =>
    value === null || !Number.isFinite(value) ? null : summed ? millionth(value, unit) : significant(value, 9)
  return {
    ...metric,
    value: round(metric.value),
    effect: round(metric.effect),
    noise: round(metric.noise),
    interval: metric.interval === null ? null : [round(metric.interval[0]) ?? 0, round(metric.interval[1]) ?? 0],
    p: round(metric.p),
    logP: round(metric.logP),
  }
}
