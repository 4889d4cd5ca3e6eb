import { topValues } from '../profile/category-profile.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import { judgeWindow } from './judge-window.ts'
import type { WindowEvidence } from './judge-window.ts'
import type { DriftPolicy } from './policy.ts'
import { referenceRows } from './present-rows.ts'
import type { Share } from './present-rows.ts'
import { resultSchema } from './result.ts'
import type { ColumnFacts, ColumnResult, DriftResult, WindowResult } from './result.ts'
import { shortened } from './shown-value.ts'
import { atLeast, worst } from './severity.ts'

export interface RunEvidence {
  readonly monitor: string
  readonly now: Date
  readonly profile: ReferenceProfile
  readonly windows: readonly WindowEvidence[]
}

/** The verdict on a run: every window judged, the latest one decides. */
export function judgeRun(run: RunEvidence, policy: DriftPolicy): DriftResult {
  const judged = run.windows.map((window) => judgeWindow(run.profile, window, policy, run.now))
  const windows = judged.map((window, index) =>
    index === judged.length - 1
      ? confirmed(window, judged, policy)
      : { ...window, columns: window.columns.map(withoutCounts) },
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
    since: since(windows),
    lookAt: lookAt(latest, run.profile),
    columns: run.profile.columns.map((column) => facts(column, referenceRows(run.profile, column))),
    windows,
    sql: [],
  }
}

/** The exit code of a run: 0 ok, 1 at or above `failOn`, 2 warnings only, 3 could not evaluate. */
export function exitCode(
  latest: Pick<WindowResult, 'status' | 'severity'> | undefined,
  policy: Pick<DriftPolicy, 'failOn'>,
): DriftResult['exitCode'] {
  if (
    latest === undefined ||
    latest.status === 'no_data' ||
    latest.status === 'late' ||
    latest.status === 'too_few_rows'
  )
    return 3
  if (atLeast(latest.severity, policy.failOn)) return 1
  if (atLeast(latest.severity, 'warn')) return 2
  return latest.status === 'not_evaluable' ? 3 : 0
}

/** Lowers the severity of columns that have not changed in enough of the last windows. */
function confirmed(latest: WindowResult, windows: readonly WindowResult[], policy: DriftPolicy): WindowResult {
  const { windows: needed, of } = policy.confirm
  if (needed === 1) return latest
  const columns = latest.columns.map((column): ColumnResult => {
    if (!atLeast(column.severity, 'warn')) return column
    const alerts = windows
      .slice(-of)
      .filter((window) =>
        window.columns.some(({ name, severity }) => name === column.name && atLeast(severity, 'warn')),
      ).length
    if (alerts >= needed) return column
    return {
      ...column,
      severity: 'info',
      sentence: `${column.sentence} Not confirmed yet: ${alerts} of the ${needed} windows needed.`,
    }
  })
  const severity = worst([
    ...latest.findings.map((finding) => finding.severity),
    ...columns.map((column) => column.severity),
  ])
  const status =
    latest.status === 'drift' || latest.status === 'warn'
      ? severity === 'crit'
        ? 'drift'
        : severity === 'warn'
          ? 'warn'
          : 'ok'
      : latest.status
  return { ...latest, columns, severity, status }
}

function withoutCounts(column: ColumnResult): ColumnResult {
  return { ...column, counts: [] }
}

function since(windows: readonly WindowResult[]): string | null {
  let start: string | null = null
  for (const window of windows.toReversed()) {
    if (!atLeast(window.severity, 'warn')) break
    start = window.from
  }
  return start
}

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

function facts(column: ColumnProfile, reference: Share): ColumnFacts {
  const { name, type, kind, role, importance } = column
  const nullRate = reference.rows === 0 ? 0 : reference.nulls / reference.rows
  switch (column.kind) {
    case 'number':
      return {
        name,
        type,
        kind,
        role,
        importance,
        edges: column.edges,
        labels: [],
        reference: column.counts,
        nullRate,
        origin: column.origin,
      }
    case 'category': {
      const shown = column.top.slice(0, topValues)
      const other = column.beyond + column.rest.reduce((sum, { count }) => sum + count, 0)
      return {
        name,
        type,
        kind,
        role,
        importance,
        edges: [],
        labels: [...shown.map(({ value }) => shortened(value)), '(other)', '(unseen)'],
        reference: [...shown.map(({ count }) => count), other, 0],
        nullRate,
        origin: null,
      }
    }
    case 'time':
      return { name, type, kind, role, importance, edges: [], labels: [], reference: [], nullRate, origin: null }
  }
}
