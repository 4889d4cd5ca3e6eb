import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { alertingSince } from './alerting-since.ts'
import { columnFacts } from './column-facts.ts'
import { confirmed } from './confirm.ts'
import type { WindowEvidence } from './evidence.ts'
import { judgeWindow } from './judge-window.ts'
import { withKeptCounts } from './kept-counts.ts'
import type { DriftPolicy } from './policy.ts'
import { resultSchema, type ColumnResult, type DriftResult, type WindowResult } from './result.ts'
import { atLeast } from './severity.ts'

export interface RunEvidence {
  readonly monitor: string
  readonly now: Date
  readonly profile: ReferenceProfile
  readonly windows: readonly WindowEvidence[]
}

/** The verdict on a run: every window is judged, the latest one decides. */
export function judgeRun(run: RunEvidence, policy: DriftPolicy): DriftResult {
  const judged = run.windows.map((window) => judgeWindow(run.profile, window, policy, run.now))
  const windows = withKeptCounts(
    judged.map((window, index) => (index === judged.length - 1 ? confirmed(window, judged, policy) : window)),
  )
  const latest = windows.at(-1)
  const severity = latest?.severity ?? 'none'
  const status = latest?.status ?? 'no_data'
  return {
    schema: resultSchema,
    monitor: run.monitor,
    evaluatedAt: run.now.toISOString(),
    profile: {
      name: run.profile.name,
      createdAt: run.profile.createdAt,
      rows: run.profile.rows,
      time: run.profile.time,
    },
    policy,
    status,
    severity,
    exitCode: exitCode(latest, policy),
    sentence: latest?.sentence ?? 'No window was given.',
    since: alertingSince(windows),
    lookAt: lookAt(latest, run.profile),
    columns: run.profile.columns.map((column) => columnFacts(run.profile, column)),
    windows,
    sql: [],
  }
}

/** The exit code of a run: 0 ok, 1 at or above `failOn`, 2 warnings only, 3 could not evaluate. */
export function exitCode(
  latest: Pick<WindowResult, 'status' | 'severity'> | undefined,
  policy: Pick<DriftPolicy, 'failOn'>,
): DriftResult['exitCode'] {
  if (latest === undefined) return 3
  if (latest.status === 'no_data' || latest.status === 'late' || latest.status === 'too_few_rows') return 3
  if (atLeast(latest.severity, policy.failOn)) return 1
  if (atLeast(latest.severity, 'warn')) return 2
  return latest.status === 'not_evaluable' ? 3 : 0
}

/** Columns with a finding, then those that changed, by effect times importance. */
function lookAt(latest: WindowResult | undefined, profile: ReferenceProfile): readonly string[] {
  if (latest === undefined) return []
  const importance = new Map(profile.columns.map((column) => [column.name, column.importance]))
  const rank = ({ name, excess }: ColumnResult): number => (excess ?? 0) * (importance.get(name) ?? 1)
  const broken = latest.findings.flatMap(({ column, severity }) =>
    column !== null && atLeast(severity, 'warn') ? [column] : [],
  )
  const changed = latest.columns
    .filter(({ severity }) => atLeast(severity, 'warn'))
    .toSorted((a, b) => rank(b) - rank(a))
  return [...new Set([...broken, ...changed.map(({ name }) => name)])]
}
