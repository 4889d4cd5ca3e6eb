import type { Severity } from '../verdict/result.ts'
import { atLeast } from '../verdict/severity.ts'
import type { Observation } from './observation.ts'

/** Whether something that is watched alerts, and who was told. Times are ISO 8601. */
export interface AlertState {
  readonly subject: string
  readonly status: string
  readonly severity: Severity
  readonly sentence: string
  /** Null while it does not alert. */
  readonly alertingSince: string | null
  /** Counts how often it has begun to alert. */
  readonly incident: number
  readonly badRuns: number
  readonly quietRuns: number
  readonly lastWindow: string | null
  readonly lastRun: string
  /** When the incident was last told, and how severe it was then; null: it has not been told. */
  readonly told: { readonly at: string; readonly severity: Severity } | null
  readonly acknowledged: { readonly until: string; readonly by: string; readonly reason: string } | null
}

/** When somebody is told. */
export interface AlertRules {
  /** Runs in a row about different windows that must alert. The windows of one run are confirmed by `policy.confirm`. */
  readonly confirm: number
  /** Windows in a row that must be quiet before it has recovered. */
  readonly quiet: number
  /** After how long somebody is told again while it still alerts, milliseconds; null: never. */
  readonly remindAfter: number | null
}

/** `alert`: it began; `worse`: it became more severe; `reminder`: it still does; `recovered`: it has ended. */
export type AlertEvent = 'alert' | 'worse' | 'reminder' | 'recovered'

export interface AlertStep {
  readonly state: AlertState
  /** What is to be told; null: nothing. */
  readonly event: AlertEvent | null
}

/**
 * The next state of what is watched, and what is to be told of it. A change is told once; while it is acknowledged,
 * only its end is. A run about an older window than the last one changes nothing.
 *
 * @example nextState(undefined, observation, { confirm: 1, quiet: 1, remindAfter: null }).event // 'alert'
 */
export function nextState(before: AlertState | undefined, seen: Observation, rules: AlertRules): AlertStep {
  const last = before === undefined ? newState(seen) : withoutFuture(before, seen.at)
  if (isOlder(seen, last)) return { state: last, event: null }
  const { status, severity, sentence } = seen
  const known = { ...last, status, severity, sentence, lastRun: seen.at }
  if (seen.alerting === null) return { state: known, event: null }
  const again = seen.window !== null && seen.window === last.lastWindow
  const counted = { ...known, lastWindow: seen.window ?? last.lastWindow }
  return seen.alerting
    ? bad({ ...counted, quietRuns: 0, badRuns: runs(last.badRuns, again) }, seen, rules)
    : quiet({ ...counted, badRuns: 0, quietRuns: runs(last.quietRuns, again) }, seen, rules)
}

/** Further apart than this, two runs were not begun at the same time: one of their clocks was wrong. */
const WRONG_CLOCK_MS = 86_400_000

/** What a run said whose clock was ahead would otherwise silence all runs until then. */
function withoutFuture(last: AlertState, at: string): AlertState {
  const latest = Date.parse(at) + WRONG_CLOCK_MS
  const told = last.told !== null && Date.parse(last.told.at) > latest ? { ...last.told, at } : last.told
  return Date.parse(last.lastRun) > latest ? { ...last, lastRun: at, lastWindow: null, told } : { ...last, told }
}

/** A last window that had not ended when it was looked at, as `--until` can ask for, makes no other one older. */
function isOlder({ window }: Observation, { lastWindow, lastRun }: AlertState): boolean {
  return window !== null && lastWindow !== null && window < lastWindow && lastWindow <= lastRun
}

/** A second run about the same window is the same evidence. */
function runs(before: number, again: boolean): number {
  return again && before > 0 ? before : before + 1
}

function bad(state: AlertState, seen: Observation, rules: AlertRules): AlertStep {
  const begins = state.alertingSince === null
  if (begins && state.badRuns < rules.confirm) return { state, event: null }
  const open: AlertState = begins
    ? { ...state, alertingSince: seen.since ?? seen.at, incident: state.incident + 1, told: null }
    : state
  const { acknowledged } = open
  if (acknowledged !== null && acknowledged.until > seen.at) return { state: open, event: null }
  const awake: AlertState = { ...open, acknowledged: null }
  const event = awake.told === null ? 'alert' : toldAgain(awake, awake.told, acknowledged !== null, seen, rules)
  return { state: event === null ? awake : { ...awake, told: { at: seen.at, severity: seen.severity } }, event }
}

function toldAgain(
  state: AlertState,
  told: NonNullable<AlertState['told']>,
  wasAcknowledged: boolean,
  seen: Observation,
  { remindAfter }: AlertRules,
): AlertEvent | null {
  if (atLeast(state.severity, told.severity) && state.severity !== told.severity) return 'worse'
  if (wasAcknowledged) return 'reminder'
  const passed = Date.parse(seen.at) - Date.parse(told.at)
  return remindAfter !== null && passed >= remindAfter ? 'reminder' : null
}

function quiet(state: AlertState, seen: Observation, rules: AlertRules): AlertStep {
  if (state.alertingSince === null) return { state, event: null }
  // Of a run with enough windows they count, otherwise the runs do.
  const quietWindows = seen.quiet.of >= rules.quiet ? seen.quiet.windows : state.quietRuns
  if (quietWindows < rules.quiet) return { state, event: null }
  const event = state.told === null ? null : 'recovered'
  return { state: { ...state, alertingSince: null, told: null, acknowledged: null }, event }
}

function newState({ subject, status, severity, sentence, at }: Observation): AlertState {
  return {
    subject,
    status,
    severity,
    sentence,
    alertingSince: null,
    incident: 0,
    badRuns: 0,
    quietRuns: 0,
    lastWindow: null,
    lastRun: at,
    told: null,
    acknowledged: null,
  }
}
