import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts'
import type { ColumnEvidence, WindowEvidence } from './evidence.ts'
import { absentRows } from './findings/absent-rows.ts'
import { dependentRows } from './findings/dependent-rows.ts'
import { calendar } from './findings/calendar.ts'
import { freshness } from './findings/freshness.ts'
import { gaps } from './findings/gaps.ts'
import { instantForms, plainEvidence } from './findings/instant-forms.ts'
import { leftOutRows } from './findings/left-out-rows.ts'
import { missingKeys } from './findings/missing-keys.ts'
import { nonFiniteRate } from './findings/non-finite-rate.ts'
import { nullRate } from './findings/null-rate.ts'
import { rejectedLines } from './findings/rejected-lines.ts'
import { schemaChanges } from './findings/schema-changes.ts'
import { silenceOrVolume, silentEntities } from './findings/silent-entities.ts'
import { uncountable } from './findings/uncountable.ts'
import { unseen } from './findings/unseen.ts'
import { unseenSeasons } from './findings/unseen-seasons.ts'
import { volume } from './findings/volume.ts'
import { estimatedPerformance, estimateInDrift } from './findings/estimated-performance.ts'
import { causesOf } from './causes.ts'
import { comparedWith } from './compared-with.ts'
import { headline, nothingTested } from './headline.ts'
import { judgeJoint } from './judge-joint.ts'
import { columnP, judgeColumn } from './judge-column.ts'
import type { DriftPolicy } from './policy.ts'
import { mutedColumns, mutedFindings, withDerived } from './muted.ts'
import { presentRows, type PresentRows } from './present-rows.ts'
import type { ColumnResult, Finding, Mute, Status, WindowResult } from './result.ts'
import { atLeast, worst } from './severity.ts'
import { grouped } from './wording.ts'

const HOUR_MS = 3_600_000

/** The verdict on one window: findings about the data first, then every column. */
export function judgeWindow(
  profile: ReferenceProfile,
  evidence: WindowEvidence,
  policy: DriftPolicy,
  now: Date,
  mutes: readonly Mute[] = [],
): WindowResult {
  const { window, rows } = evidence
  const { reference } = evidence
  const span = {
    from: window?.from.toISOString() ?? null,
    to: window?.to.toISOString() ?? null,
    rows,
    ...(evidence.weights === undefined || profile.weight === undefined
      ? {}
      : { weights: { column: profile.weight.column, ...evidence.weights } }),
    ...(reference === undefined ? {} : { reference: comparedWith(reference) }),
  }
  const fresh = [
    ...rejectedLines(evidence, policy),
    ...leftOutRows(profile, evidence.weights, policy),
    ...(evidence.latest ? freshness(evidence.newest, now, policy) : []),
  ]
  if (rows === 0 && (reference?.unseen ?? []).length === 0)
    return { ...span, ...judgeEmpty(evidence, mutedFindings(fresh, mutes), policy, now) }
  const compared = presentRows(profile, evidence)
  const unknown = unseenSeasons(reference, rows)
  const enough = rows >= policy.minimumRows || (rows === 0 && unknown.length > 0)
  const found = [
    ...schemaChanges(profile.columns, evidence.schema, evidence.ignored),
    ...missingKeys(evidence),
    ...uncountable(compared, evidence.schema),
    ...fresh,
    ...silenceOrVolume(silentEntities(evidence, policy), volume(profile, evidence, policy), policy, mutes),
    ...gaps(profile, evidence, policy),
    ...dependentRows(profile, rows, compared),
    ...unknown,
    ...calendar(compared, policy),
    ...(enough && profile.rows > 0 ? rowFindings(profile, evidence, compared, policy) : []),
    ...estimatedPerformance(evidence.estimate),
  ]
  const single = mutedFindings(found, mutes)
  const muting = withDerived(mutes, profile.columns)
  const columns = mutedColumns(judgeColumns(compared, policy), muting)
  const causes = causesOf(profile, single, columns)
  const told = { causes, muted: muting.flatMap((mute) => ('column' in mute ? [mute.column] : [])) }
  const joint = enough && evidence.joint !== undefined ? judgeJoint(evidence.joint, told, policy) : null
  const together = mutedFindings(joint?.findings ?? [], mutes)
  const findings = [...single, ...together]
  const estimate = estimateInDrift(evidence.estimate, columns)
  const severity = worst([...findings, ...columns].map((judged) => judged.severity))
  const status = enough ? statusOf(severity, columns, compared) : 'too_few_rows'
  const few = `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}; at least ${grouped(policy.minimumRows)} are needed.`
  return {
    ...span,
    status,
    severity,
    sentence: !enough
      ? few
      : status === 'not_evaluable'
        ? nothingTested(columns)
        : headline(profile, { findings, causes, columns }),
    findings: bySeverity(findings),
    causes,
    columns,
    ...(joint === null
      ? {}
      : { joint: { ...joint.result, ...together.map(({ severity: told }) => ({ severity: told }))[0] } }),
    ...(estimate === undefined ? {} : { estimate }),
  }
}

/** An empty window: which columns it has is not reported, because there may be no file or no table yet. */
function judgeEmpty(
  { window }: WindowEvidence,
  fresh: readonly Finding[],
  policy: DriftPolicy,
  now: Date,
): Omit<WindowResult, 'from' | 'to' | 'rows' | 'weights' | 'reference'> {
  const late = window !== null && now.getTime() < window.to.getTime() + policy.arrivalHours * HOUR_MS
  const sentence = late ? 'No rows yet; the window may still fill.' : 'No rows in this window.'
  const noRows: Finding = {
    kind: 'noRows',
    column: null,
    severity: 'info',
    sentence,
    reference: null,
    current: 0,
    q: null,
  }
  return {
    status: late ? 'late' : 'no_data',
    severity: worst(fresh.map(({ severity }) => severity)),
    sentence,
    findings: bySeverity([...(late ? [] : [noRows]), ...fresh]),
    causes: [],
    columns: [],
  }
}

/** Findings that need enough rows to say anything. */
function rowFindings(
  profile: ReferenceProfile,
  evidence: WindowEvidence,
  compared: readonly PresentRows[],
  policy: DriftPolicy,
): readonly Finding[] {
  const measured = compared.filter(({ obstacle, profile: column }) => obstacle === null && column.calendar !== true)
  const given = plainEvidence(measured)
  return [
    ...absentRows(profile, evidence, policy),
    ...nullRate(given, policy),
    ...nonFiniteRate(given, policy),
    ...unseen(given, policy),
    ...instantForms(measured, policy),
  ]
}

function judgeColumns(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly ColumnResult[] {
  const ps = columns.map((column) => columnP(column, policy))
  const tested = ps.flatMap((p, index) => (p === null ? [] : [{ p, index }]))
  const qs = benjaminiHochberg(tested.map(({ p }) => p))
  const byColumn = new Map(tested.map(({ index }, position) => [index, qs[position] ?? 1]))
  return columns.map((column, index) => judgeColumn(column, byColumn.get(index) ?? null, policy))
}

function statusOf(
  severity: WindowResult['severity'],
  columns: readonly ColumnResult[],
  compared: readonly ColumnEvidence[],
): Status {
  if (severity === 'crit') return 'drift'
  if (severity === 'warn') return 'warn'
  // A column of times, or one that follows from the clock and was not checked, shows nothing of the others.
  const testable = columns.filter((_, index) => {
    const { profile, calendar = null } = compared[index] ?? {}
    return profile?.kind !== 'time' && (profile?.calendar !== true || calendar !== null)
  })
  return testable.length > 0 && testable.every(({ status }) => status === 'not_evaluable' || status === 'too_few_rows')
    ? 'not_evaluable'
    : 'ok'
}

function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => Number(atLeast(b.severity, a.severity)) - Number(atLeast(a.severity, b.severity)))
}
