import { calendarVerdict } from './calendar-verdict.ts'
import { decidingResults, metricWord, testedResults } from '../compare/metrics/lookup.ts'
import type { DecidingMetric } from '../compare/metrics/list.ts'
import type { ColumnEvidence } from './evidence.ts'
import { effectiveValues } from './findings/dependent-rows.ts'
import { floorOf, type ColumnFloor } from './floor-of.ts'
import { moveOf } from './move.ts'
import { movement } from './movement.ts'
import type { DriftPolicy } from './policy.ts'
import type { ColumnResult, Severity, Status } from './result.ts'
import { stable } from './stable-metric.ts'
import { significant } from './stable-number.ts'
import { brief, chance, grouped } from './wording.ts'

/**
 * The p of a column: its smallest, corrected for how many tests it had. Null when it has none.
 *
 * Tests that rest on the same few reference windows are one test in two forms: what is not known of their spread is common to both,
 * and the smallest p is below α less often than α says.
 */
export function columnP(
  { profile, obstacle, values, valueRows = values, metrics, dependence }: ColumnEvidence,
  policy: DriftPolicy,
): number | null {
  if (obstacle !== null || profile.calendar === true || valueRows < policy.minimumRows) return null
  const ps = testedResults(metrics, profile.kind).flatMap(({ p }) => (p !== null && !Number.isNaN(p) ? [p] : []))
  const tests = dependence?.degrees === undefined ? ps.length : 1
  return ps.length === 0 ? null : Math.min(1, Math.min(...ps) * tests)
}

/** The two-part verdict on a column: it changed when an effect reaches its practical floor and q is below α. */
export function judgeColumn(evidence: ColumnEvidence, q: number | null, policy: DriftPolicy): ColumnResult {
  const rounded = { ...evidence, metrics: evidence.metrics.map((metric) => stable(metric, evidence.profile)) }
  const p = columnP(rounded, policy)
  return {
    name: evidence.profile.name,
    ...(obstacleTo(rounded, policy) ?? decide(rounded, q, policy)),
    p: p === null ? null : significant(p, 9),
    q: q === null ? null : significant(q, 9),
    move: moveOf(evidence),
    values: evidence.valueRows ?? evidence.values,
    effective: effectiveValues(evidence),
    nullRate: evidence.rows === 0 ? null : significant(evidence.nulls / evidence.rows, 12),
    metrics: rounded.metrics,
    counts: evidence.counts,
  }
}

const TIME_COLUMN = 'A time column: its nulls are watched, and its age and form where they are listed.'

type Decision = Pick<ColumnResult, 'status' | 'severity' | 'sentence' | 'excess'>

/** Why there is nothing to decide; null when there is. */
function obstacleTo(
  { profile, obstacle, rows, values: weight, valueRows: values = weight, calendar }: ColumnEvidence,
  policy: DriftPolicy,
): Decision | null {
  if (obstacle !== null) return withoutEffect('not_evaluable', `Not evaluated: ${obstacle}.`)
  if (profile.calendar === true) return withoutEffect(...calendarVerdict(calendar ?? null))
  if (profile.kind === 'time') return withoutEffect('ok', TIME_COLUMN)
  if (values === 0) {
    const why = rows === 0 ? 'no row has any value of its view' : 'every value is null, NaN or infinite'
    return withoutEffect('not_evaluable', `Not evaluated: ${why}.`)
  }
  if (values >= policy.minimumRows) return null
  const found = `${grouped(values)} ${values === 1 ? 'value' : 'values'}`
  return withoutEffect('too_few_rows', `${found}; at least ${grouped(policy.minimumRows)} are needed.`)
}

function withoutEffect(status: Status, sentence: string): Decision {
  return { status, severity: 'none', sentence, excess: null }
}

interface Effect {
  readonly metric: DecidingMetric
  readonly effect: number
  readonly floor: ColumnFloor
}

function decide(evidence: ColumnEvidence, q: number | null, policy: DriftPolicy): Decision {
  const ranked = rankedEffects(evidence, policy)
  const [largest] = ranked
  if (largest === undefined || q === null) {
    const why = evidence.metrics.find(({ reason }) => reason !== null)?.reason ?? 'the reference has no values'
    return withoutEffect('not_evaluable', `Not evaluated: ${why}.`)
  }
  const excess = significant(largest.effect / largest.floor.warn, 6)
  const decision = (severity: Severity, sentence: string): Decision => ({
    status: severity === 'crit' ? 'drift' : severity === 'warn' ? 'warn' : 'ok',
    severity,
    excess,
    sentence,
  })
  const reached = ranked.filter(({ effect, floor }) => effect >= floor.warn)
  if (q >= policy.alpha) {
    if (reached.length === 0) return decision('none', 'No change beyond chance.')
    return decision('none', `${effectWords(reached)}, which chance alone may explain (q ${chance(q)}).`)
  }
  if (reached.length === 0) {
    const words = effectWords([largest])
    return decision('info', `Significant, negligible: q ${chance(q)}, but no effect reaches its floor (${words}).`)
  }
  const severity = reached.some(({ effect, floor }) => effect >= floor.crit) ? 'crit' : 'warn'
  return decision(severity, `Changed: ${effectWords(reached)}; q ${chance(q)}.${movement(evidence)}`)
}

/** The effects that decide, the one that is furthest over its floor first. */
function rankedEffects({ profile, metrics }: ColumnEvidence, policy: DriftPolicy): readonly Effect[] {
  return decidingResults(metrics, profile.kind)
    .flatMap(({ metric, effect }) =>
      effect === null ? [] : [{ metric, effect, floor: floorOf(profile, metric, policy) }],
    )
    .toSorted((a, b) => b.effect / b.floor.warn - a.effect / a.floor.warn)
}

function effectWords(effects: readonly Effect[]): string {
  return effects
    .map(({ metric, effect, floor }) => `${metricWord(metric)} ${brief(effect)} (${floorWords(floor)})`)
    .join(', ')
}

function floorWords({ warn, learntFrom }: ColumnFloor): string {
  return learntFrom === 0
    ? `floor ${brief(warn)}`
    : `floor ${brief(warn)}, learnt from ${grouped(learntFrom)} reference windows`
}
