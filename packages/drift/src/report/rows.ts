import { decidingResults, type DecidingResult } from '../compare/metrics/lookup.ts'
import { floorsOf, type DriftPolicy } from '../verdict/policy.ts'
import type { ColumnFacts, ColumnResult, DriftResult, WindowResult } from '../verdict/result.ts'
import { atLeast } from '../verdict/severity.ts'

/** A column as reports list it. */
export interface Row {
  readonly column: ColumnResult
  readonly facts: ColumnFacts
  /** Where the column's details are on the page. */
  readonly anchor: string
}

const URGENCY = ['crit', 'warn', 'info', 'none'] as const

/** Columns of a window, the most urgent first, then by effect times importance. */
export function orderedRows(result: DriftResult, window: WindowResult): readonly Row[] {
  const facts = new Map(result.columns.map((column) => [column.name, column]))
  const broken = new Map(
    window.findings.flatMap(({ column, severity }) => (column === null ? [] : [[column, severity] as const])),
  )
  const urgency = ({ column }: Row): number =>
    Math.min(URGENCY.indexOf(column.severity), URGENCY.indexOf(broken.get(column.name) ?? 'none'))
  const rows = window.columns.flatMap((column, index): readonly Row[] => {
    const found = facts.get(column.name)
    return found === undefined ? [] : [{ column, facts: found, anchor: `c${index}` }]
  })
  return rows.toSorted((a, b) => urgency(a) - urgency(b) || weight(b) - weight(a))
}

/** The columns that changed enough to be reported, critical ones first, then by effect times importance. */
export function changedRows(rows: readonly Row[]): readonly Row[] {
  const urgency = ({ column }: Row): number => URGENCY.indexOf(column.severity)
  return rows
    .filter(({ column }) => atLeast(column.severity, 'warn'))
    .toSorted((a, b) => urgency(a) - urgency(b) || weight(b) - weight(a))
}

function weight({ column, facts }: Row): number {
  return (column.excess ?? 0) * facts.importance
}

/** The metric that speaks for a column: the deciding one that is furthest over its floor. */
export function leadingMetric({ column, facts }: Row, policy: DriftPolicy): DecidingResult | null {
  const floors = floorsOf(policy, column.name)
  const size = ({ metric, effect }: DecidingResult): number => (effect ?? -1) / floors[metric].warn
  const [leading] = decidingResults(column.metrics, facts.kind).toSorted((a, b) => size(b) - size(a))
  return leading ?? null
}
