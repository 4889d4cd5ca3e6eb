import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { summaryOfWindows, type MonitorSummary, type WindowSummary } from '../verdict/monitor-summary.ts'
import type { Severity, Status } from '../verdict/result.ts'
import { driftResults } from './record-drift.ts'

interface RecordedWindow extends WindowSummary {
  readonly monitor: string
  readonly profile: string
  readonly evaluatedAt: string
}

/**
 * Reads every monitor's recorded windows from `monitoring.drift_results`, by name; none when nothing was recorded.
 *
 * @param options.windows of each monitor at most so many, the latest (60 by default)
 * @example const page = toIndex(await readMonitors(warehouse), { now: new Date() })
 */
export async function readMonitors(
  warehouse: Warehouse,
  { windows: most = 60 }: { readonly windows?: number } = {},
): Promise<readonly MonitorSummary[]> {
  if ((await warehouse.introspect(driftResults.table)) === undefined) return []
  const batch = await warehouse.read(
    sql`
      SELECT monitor, profile, window_from, window_to, evaluated_at, status, severity, row_count, sentence
      FROM (
        SELECT monitor, profile, window_from, window_to, evaluated_at, status, severity, row_count, sentence,
          ROW_NUMBER() OVER (
            PARTITION BY monitor ORDER BY COALESCE(window_to, evaluated_at) DESC NULLS LAST, window_from DESC NULLS LAST
          ) AS r
        FROM ${tableRef(driftResults.table)}
        WHERE column_name IS NULL AND metric IS NULL
      ) AS recorded
      WHERE r <= ${most}
      ORDER BY monitor ASC NULLS LAST, r DESC NULLS LAST
    `,
  )
  const byMonitor = Map.groupBy(rowsOf(batch).map(recordedWindow), ({ monitor }) => monitor)
  return [...byMonitor].map(([monitor, rows]) => {
    const evaluatedAt = rows.reduce((newest, row) => (row.evaluatedAt > newest ? row.evaluatedAt : newest), '')
    const profile = rows.at(-1)?.profile ?? ''
    return summaryOfWindows(
      { monitor, evaluatedAt, profile },
      rows.map(({ from, to, rows: count, status, severity, sentence }) => ({
        from,
        to,
        rows: count,
        status,
        severity,
        sentence,
      })),
    )
  })
}

function recordedWindow(row: Readonly<Record<string, unknown>>): RecordedWindow {
  return {
    monitor: String(row['monitor']),
    profile: String(row['profile']),
    evaluatedAt: isoOrNull(row['evaluated_at']) ?? '',
    from: isoOrNull(row['window_from']),
    to: isoOrNull(row['window_to']),
    rows: Number(row['row_count']),
    // Only `recordDrift` writes this table.
    status: row['status'] as Status,
    severity: row['severity'] as Severity,
    sentence: String(row['sentence']),
  }
}

function isoOrNull(value: unknown): string | null {
  return value instanceof Date ? value.toISOString() : null
}
