import type { ColumnSpec } from '@martlet/warehouse'
import type { TimeWindow } from '../count/windows.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'
import type { RowKind } from '../profile/row-kind.ts'
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts'
import type { ColumnEvidence } from './evidence.ts'
import { absentRows } from './findings/absent-rows.ts'
import { freshness } from './findings/freshness.ts'
import { nonFiniteRate } from './findings/non-finite-rate.ts'
import { nullRate } from './findings/null-rate.ts'
import { schemaChanges } from './findings/schema-changes.ts'
import { uncountable } from './findings/uncountable.ts'
import { unseen } from './findings/unseen.ts'
import { volume } from './findings/volume.ts'
import { presentRows } from './present-rows.ts'
import { columnP, judgeColumn } from './judge-column.ts'
import type { DriftPolicy } from './policy.ts'
import type { ColumnResult, Finding, Status, WindowResult } from './result.ts'
import { atLeast, worst } from './severity.ts'
import { grouped } from './wording.ts'

/** All that was measured of one window. */
export interface WindowEvidence {
  /** Null: the whole relation. */
  readonly window: TimeWindow | null
  readonly rows: number
  readonly rowKind: RowKind
  /** Rows without any value of the profile's views, in their order. */
  readonly absent: readonly number[]
  readonly columns: readonly ColumnEvidence[]
  /** The relation's columns now, and those among them that are not features: keys, times. */
  readonly schema: readonly ColumnSpec[]
  readonly ignored: readonly string[]
  /** Time of the newest row of the relation; null when it has none or no time column. */
  readonly newest: Date | null
  /** Whether this is the window that `now` belongs to: freshness is only asked of it. */
  readonly latest: boolean
}

/** The verdict on one window: findings about the data first, then every column. */
export function judgeWindow(
  profile: ReferenceProfile,
  evidence: WindowEvidence,
  policy: DriftPolicy,
  now: Date,
): WindowResult {
  const { window, rows } = evidence
  const span = { from: window?.from.toISOString() ?? null, to: window?.to.toISOString() ?? null, rows }
  const fresh = evidence.latest ? freshness(evidence.newest, now, policy) : []
  if (rows === 0) {
    const late = window !== null && now.getTime() < window.to.getTime() + policy.arrivalHours * 3_600_000
    const status: Status = late ? 'late' : 'no_data'
    const sentence = late ? 'No rows yet; the window may still fill.' : 'No rows in this window.'
    // Which columns an empty window has says nothing: there may be no file, or no table yet.
    const noRows: Finding = {
      kind: 'noRows',
      column: null,
      severity: 'info',
      sentence,
      reference: null,
      current: 0,
      q: null,
    }
    const findings = bySeverity([...(late ? [] : [noRows]), ...fresh])
    return { ...span, status, severity: worst(fresh.map(({ severity }) => severity)), sentence, findings, columns: [] }
  }
  const changed = schemaChanges(profile.columns, evidence.schema, evidence.ignored)
  const compared = presentRows(profile, evidence)
  const measured = compared.filter(({ obstacle }) => obstacle === null)
  const enough = rows >= policy.minimumRows
  const findings = [
    ...changed,
    ...uncountable(compared, evidence.schema),
    ...fresh,
    ...volume(profile, evidence, policy),
    ...(enough
      ? [
          ...absentRows(profile, evidence, policy),
          ...nullRate(measured, policy),
          ...nonFiniteRate(measured, policy),
          ...unseen(measured, policy),
        ]
      : []),
  ]
  const columns = judgeColumns(compared, policy)
  const severity = worst([...findings.map((finding) => finding.severity), ...columns.map((column) => column.severity)])
  if (!enough) {
    return {
      ...span,
      status: 'too_few_rows',
      severity,
      sentence: `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}; at least ${grouped(policy.minimumRows)} are needed.`,
      findings: bySeverity(findings),
      columns,
    }
  }
  const status = statusOf(severity, columns)
  return {
    ...span,
    status,
    severity,
    sentence: windowSentence(findings, columns),
    findings: bySeverity(findings),
    columns,
  }
}

function judgeColumns(columns: readonly ColumnEvidence[], policy: DriftPolicy): readonly ColumnResult[] {
  const ps = columns.map((column) => columnP(column, policy))
  const tested = ps.flatMap((p, index) => (p === null ? [] : [{ p, index }]))
  const qs = benjaminiHochberg(tested.map(({ p }) => p))
  const byColumn = new Map(tested.map(({ index }, position) => [index, qs[position] ?? 1]))
  return columns.map((column, index) => judgeColumn(column, byColumn.get(index) ?? null, policy))
}

function statusOf(severity: WindowResult['severity'], columns: readonly ColumnResult[]): Status {
  if (severity === 'crit') return 'drift'
  if (severity === 'warn') return 'warn'
  return columns.length > 0 && columns.every(({ status }) => status === 'not_evaluable' || status === 'too_few_rows')
    ? 'not_evaluable'
    : 'ok'
}

function windowSentence(findings: readonly Finding[], columns: readonly ColumnResult[]): string {
  const broken = findings.filter(({ severity }) => atLeast(severity, 'warn')).length
  const changed = columns.filter(({ severity }) => atLeast(severity, 'warn')).length
  const parts = [
    ...(broken > 0 ? [`${broken} data-quality ${broken === 1 ? 'finding' : 'findings'}`] : []),
    ...(changed > 0 ? [`${changed} of ${columns.length} columns changed`] : []),
  ]
  return parts.length === 0
    ? `No change that matters in ${columns.length} ${columns.length === 1 ? 'column' : 'columns'}.`
    : `${parts.join('; ')}.`
}

function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => Number(atLeast(b.severity, a.severity)) - Number(atLeast(a.severity, b.severity)))
}
