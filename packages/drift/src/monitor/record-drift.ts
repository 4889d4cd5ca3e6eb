import { columnBatch, ensureTable, sql, tableRef, type TableSpec, type Warehouse } from '@martlet/warehouse'
import { inTurn } from '../profile/in-turn.ts'
import type { DriftResult, WindowResult } from '../verdict/result.ts'

/** One row per window, column and metric; rows about a whole window have neither column nor metric. */
export const driftResults: TableSpec = {
  table: 'monitoring.drift_results',
  columns: [
    { name: 'monitor', type: 'text', nullable: false },
    { name: 'window_from', type: 'timestamp' },
    { name: 'window_to', type: 'timestamp' },
    { name: 'evaluated_at', type: 'timestamp', nullable: false },
    { name: 'profile', type: 'text', nullable: false },
    { name: 'column_name', type: 'text' },
    { name: 'metric', type: 'text' },
    { name: 'status', type: 'text', nullable: false },
    { name: 'severity', type: 'text', nullable: false },
    { name: 'value', type: 'double' },
    { name: 'effect', type: 'double' },
    { name: 'p', type: 'double' },
    { name: 'q', type: 'double' },
    { name: 'row_count', type: 'bigint', nullable: false },
    { name: 'sentence', type: 'text', nullable: false },
  ],
}

/** Writes a result to `monitoring.drift_results`. Windows of the monitor that were recorded before are replaced. */
export async function recordDrift(warehouse: Warehouse, result: DriftResult): Promise<{ readonly rows: number }> {
  await ensureTable(warehouse, driftResults)
  const { leaves } = warehouse
  const lines = result.windows.flatMap(linesOf)
  return inTurn(warehouse, driftResults.table, async (transaction) => {
    for (const { from, to } of result.windows) {
      const same = (column: string, value: string | null) =>
        value === null
          ? sql`${sql.id(column)} IS NULL`
          : sql`${sql.id(column)} = ${leaves.timestamp(Date.parse(value) * 1000)}`
      await transaction.run(
        sql`
          DELETE
          FROM ${tableRef(driftResults.table)}
          WHERE monitor = ${result.monitor} AND ${same('window_from', from)} AND ${same('window_to', to)}
        `,
      )
    }
    if (lines.length === 0) return { rows: 0 }
    return { rows: await transaction.append(driftResults.table, batchOf(result, lines)) }
  })
}

interface Line {
  readonly window: WindowResult
  readonly column: string | null
  readonly metric: string | null
  readonly status: string
  readonly severity: string
  readonly value: number | null
  readonly effect: number | null
  readonly p: number | null
  readonly q: number | null
  readonly sentence: string
}

function linesOf(window: WindowResult): readonly Line[] {
  const none = { column: null, metric: null, value: null, effect: null, p: null, q: null }
  const whole: Line = { ...none, window, status: window.status, severity: window.severity, sentence: window.sentence }
  const findings = window.findings.map(({ kind, column, severity, sentence, current, q }): Line => ({
    ...none,
    window,
    column,
    metric: kind,
    status: window.status,
    severity,
    value: current,
    q,
    sentence,
  }))
  const metrics = window.columns.flatMap((column): readonly Line[] => {
    const { name, status, severity, sentence, q } = column
    if (column.metrics.length === 0) return [{ ...none, window, column: name, status, severity, sentence }]
    return column.metrics.map(({ metric, value, effect, p }) => ({
      window,
      column: name,
      metric,
      status,
      severity,
      value,
      effect,
      p,
      q,
      sentence,
    }))
  })
  const { estimate } = window
  const estimates = (estimate?.metrics ?? []).map(({ metric, value }): Line => ({
    ...none,
    window,
    metric: `estimated_${metric}`,
    status: estimate?.status ?? 'unknown',
    severity: 'none',
    value,
    sentence: estimate?.sentence ?? '',
  }))
  return [whole, ...findings, ...estimates, ...metrics, ...performanceLines(window)]
}

/** Metrics of performance: of all rows without a column, of a segment with `column=value`. */
function performanceLines(window: WindowResult): readonly Line[] {
  return (window.performance?.groups ?? []).flatMap(({ segment, metrics }) =>
    metrics.map(({ metric, value, worse, p, q, severity }) => ({
      window,
      column: segment === null ? null : `${segment.column}=${segment.value}`,
      metric,
      status: window.status,
      severity,
      value,
      effect: worse,
      p,
      q,
      sentence: '',
    })),
  )
}

function batchOf(result: DriftResult, lines: readonly Line[]): ReturnType<typeof columnBatch> {
  const text = (pick: (line: Line) => string | null) => ({ type: 'text' as const, values: lines.map(pick) })
  const double = (pick: (line: Line) => number | null) => ({ type: 'double' as const, values: lines.map(pick) })
  const instant = (pick: (line: Line) => string | null) => ({
    type: 'timestamp' as const,
    values: lines.map((line) => dateOrNull(pick(line))),
  })
  return columnBatch({
    monitor: text(() => result.monitor),
    window_from: instant(({ window }) => window.from),
    window_to: instant(({ window }) => window.to),
    evaluated_at: instant(() => result.evaluatedAt),
    profile: text(() => result.profile.name),
    column_name: text(({ column }) => column),
    metric: text(({ metric }) => metric),
    status: text(({ status }) => status),
    severity: text(({ severity }) => severity),
    value: double(({ value }) => value),
    effect: double(({ effect }) => effect),
    p: double(({ p }) => p),
    q: double(({ q }) => q),
    row_count: { type: 'bigint', values: lines.map(({ window }) => window.rows) },
    sentence: text(({ sentence }) => sentence),
  })
}

function dateOrNull(value: string | null): Date | null {
  return value === null ? null : new Date(value)
}
