import type { ReferenceProfile } from '../profile/reference-profile.ts'
import { alertingSince } from './alerting-since.ts'
import { columnFacts } from './column-facts.ts'
import { headline } from './headline.ts'
import { sinceWords } from './since-words.ts'
import { confirmed } from './confirm.ts'
import type { WindowEvidence } from './evidence.ts'
import { judgeWindow } from './judge-window.ts'
import { withKeptCounts } from './kept-counts.ts'
import type { DriftPolicy } from './policy.ts'
import { resultSchema, type ColumnResult, type DriftResult, type Mute, type WindowResult } from './result.ts'
import { atLeast } from './severity.ts'

export interface RunEvidence {
  readonly monitor: string
  readonly now: Date
  readonly profile: ReferenceProfile
  readonly windows: readonly WindowEvidence[]
  /** Columns and kinds of findings that do not alert now. */
  readonly mutes?: readonly Mute[]
}

/** The verdict on a run: every window is judged, the latest one decides. */
export function judgeRun(run: RunEvidence, policy: DriftPolicy): DriftResult {
  const judged = run.windows.map((window) =>
    judgeWindow(window.reference?.profile ?? run.profile, window, policy, run.now, run.mutes),
  )
  const windows = withKeptCounts(
    judged.map((window, index) =>
      index === judged.length - 1 ? confirmed(run.profile, window, judged, policy) : window,
    ),
  )
  const latest = windows.at(-1)
  const reference = run.windows.at(-1)?.reference?.profile ?? run.profile
  const severity = latest?.severity ?? 'none'
  const status = latest?.status ?? 'no_data'
  return {
    schema: resultSchema,
    monitor: run.monitor,
    evaluatedAt: run.now.toISOString(),
    profile: {
      name: run.profile.name,
      createdAt: run.profile.createdAt,
      rows: reference.rows,
      time: reference.time,
    },
    policy,
    status,
    severity,
    exitCode: exitCode(latest, policy),
    sentence: latest === undefined ? 'No window was given.' : sentenceOf(run, latest, windows),
    since: alertingSince(windows),
    lookAt: lookAt(latest, run.profile),
    columns: reference.columns.map((column) => columnFacts(reference, column)),
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

/** The sentence of the latest window, with when its causes began where windows show it. */
function sentenceOf({ profile, now }: RunEvidence, latest: WindowResult, windows: readonly WindowResult[]): string {
  if (latest.status !== 'ok' && latest.status !== 'warn' && latest.status !== 'drift') return latest.sentence
  return headline(profile, latest, ({ head }) => sinceWords(head, windows, now))
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
