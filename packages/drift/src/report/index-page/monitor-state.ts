import { wasEvaluated } from '../words.ts'
import type { MonitorSummary } from '../../verdict/monitor-summary.ts'

/** The state of a monitor in a word, the one that needs a person first: see {@link STATES}. */
export type MonitorState = 'critical' | 'silent' | 'warning' | 'noRows' | 'notEvaluated' | 'waiting' | 'ok'

/** States that need a person, the most urgent first. */
const URGENT: readonly MonitorState[] = ['critical', 'silent', 'warning', 'noRows']
/** What needs a person first. */
export const STATES: readonly MonitorState[] = [...URGENT, 'notEvaluated', 'waiting', 'ok']

const DAY_MS = 86_400_000
/** A monitor whose newest window ended this many window lengths ago, and at least so many days, has stopped. */
const SILENT_LENGTHS = 3
const SILENT_MS = 2 * DAY_MS

export function needsPerson(state: MonitorState): boolean {
  return URGENT.includes(state)
}

/** What a monitor says now; `silent` when its runs have stopped, which no verdict would tell. */
export function monitorState(
  summary: Pick<MonitorSummary, 'status' | 'severity' | 'evaluatedAt' | 'windows'>,
  now: Date,
): MonitorState {
  if (summary.severity === 'crit') return 'critical'
  if (isSilent(summary, now)) return 'silent'
  if (summary.severity === 'warn') return 'warning'
  if (summary.status === 'no_data') return 'noRows'
  if (summary.status === 'late') return 'waiting'
  return wasEvaluated(summary.status) ? 'ok' : 'notEvaluated'
}

/** Orders monitors: what needs a person first; of the same state what began to alert last, which nobody may have seen yet. */
export function byNeed(now: Date): (a: MonitorSummary, b: MonitorSummary) => number {
  const place = (summary: MonitorSummary): number => STATES.indexOf(monitorState(summary, now))
  return (a, b) => place(a) - place(b) || compared(b.since ?? '', a.since ?? '') || compared(a.monitor, b.monitor)
}

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

function isSilent({ evaluatedAt, windows }: Pick<MonitorSummary, 'evaluatedAt' | 'windows'>, now: Date): boolean {
  const latest = windows.at(-1)
  if (latest === undefined || latest.from === null || latest.to === null) return false
  const length = Date.parse(latest.to) - Date.parse(latest.from)
  return now.getTime() - Date.parse(evaluatedAt) > Math.max(SILENT_MS, SILENT_LENGTHS * length)
}
