import type { DriftResult, Severity, Status, WindowResult } from './result.ts'
import { alertingSince } from './alerting-since.ts'

/** One window of a monitor's history. Instants are ISO 8601; both are null when all rows were one window. */
export interface WindowSummary {
  readonly from: string | null
  readonly to: string | null
  readonly rows: number
  readonly status: Status
  readonly severity: Severity
  readonly sentence: string
}

/** What is known of a monitor: its verdict, since when it alerts, and its windows. */
export interface MonitorSummary {
  readonly monitor: string
  /** ISO 8601, UTC. */
  readonly evaluatedAt: string
  /** The name of the reference profile. */
  readonly profile: string
  /** Of the latest window. */
  readonly status: Status
  readonly severity: Severity
  readonly sentence: string
  /** The start of the alerting windows that continue without a break to the latest; null when that does not alert. */
  readonly since: string | null
  /** Oldest first. */
  readonly windows: readonly WindowSummary[]
}

/** What a result says of its monitor, with the windows of that run. */
export function monitorSummary(result: DriftResult): MonitorSummary {
  const { monitor, evaluatedAt, profile, status, severity, sentence, since, windows } = result
  return {
    monitor,
    evaluatedAt,
    profile: profile.name,
    status,
    severity,
    sentence,
    since,
    windows: windows.map(windowSummary),
  }
}

function windowSummary({ from, to, rows, status, severity, sentence }: WindowResult): WindowSummary {
  return { from, to, rows, status, severity, sentence }
}

/** The summary of a monitor of which only windows are known, oldest first. */
export function summaryOfWindows(
  known: Pick<MonitorSummary, 'monitor' | 'evaluatedAt' | 'profile'>,
  windows: readonly WindowSummary[],
): MonitorSummary {
  const latest = windows.at(-1)
  return {
    ...known,
    status: latest?.status ?? 'no_data',
    severity: latest?.severity ?? 'none',
    sentence: latest?.sentence ?? 'No window was given.',
    since: alertingSince(windows),
    windows,
  }
}
