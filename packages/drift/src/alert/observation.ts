import type { DriftResult, Finding, Severity, WindowResult } from '../verdict/result.ts'
import { atLeast } from '../verdict/severity.ts'

/** What one run says about something that is watched: a monitor, the quality of a view, its freshness. */
export interface Observation {
  /** What it is about, as `kind:name`, such as `drift:usage`. */
  readonly subject: string
  /** Null: it could not be judged, which changes nothing. */
  readonly alerting: boolean | null
  readonly status: string
  readonly severity: Severity
  readonly sentence: string
  /** What was found, worst first, a line each. */
  readonly details: readonly string[]
  /** When it began by the data, ISO 8601; null: when it was observed. */
  readonly since: string | null
  /** The end of the newest window, ISO 8601; null: the rows are not in windows. */
  readonly window: string | null
  /** How many of the newest windows in a row are quiet, of how many that were looked at. */
  readonly quiet: { readonly windows: number; readonly of: number }
  /** When it was observed, ISO 8601. */
  readonly at: string
}

/** Lines of findings and columns in a message. */
const MOST_DETAILS = 8

/**
 * What a drift result says to those who are alerted: a monitor alerts when its exit code is 1, or when there is nothing
 * to judge. A window that may still fill, that has too few rows, or whose performance cannot be tested changes nothing.
 *
 * @example observationOf(await runDrift(request)).alerting
 */
export function observationOf(result: DriftResult): Observation {
  const latest = result.windows.at(-1)
  const alerting = alertingOf(result)
  const severity = alerting === true && !atLeast(result.severity, 'warn') ? 'warn' : result.severity
  return {
    subject: `drift:${result.monitor}`,
    alerting,
    status: result.status,
    severity,
    sentence: result.sentence,
    details: latest === undefined ? [] : detailsOf(latest),
    since: result.since,
    window: latest?.to ?? null,
    quiet: { windows: alerting === false ? quietWindows(result) : 0, of: result.windows.length },
    at: result.evaluatedAt,
  }
}

function alertingOf({ exitCode, status, windows }: DriftResult): boolean | null {
  if (exitCode !== 3) return exitCode === 1
  // Performance that was measured but cannot be tested is no fault, and no recovery.
  if (status === 'not_evaluable' && windows.at(-1)?.performance !== undefined) return null
  return status === 'no_data' || status === 'not_evaluable' ? true : null
}

/** The windows that end the run without one that alerts or has no data. */
function quietWindows({ windows, policy }: DriftResult): number {
  const newestFirst = windows.toReversed()
  const loud = newestFirst.findIndex(
    ({ severity, status }) => atLeast(severity, policy.failOn) || status === 'no_data' || status === 'not_evaluable',
  )
  return loud === -1 ? windows.length : loud
}

function detailsOf({ findings, causes, columns }: WindowResult): readonly string[] {
  const loud = ({ severity }: { readonly severity: Severity }): boolean => atLeast(severity, 'warn')
  const lines = [
    ...findings.filter(loud).map(findingLine),
    ...(causes.length === 0
      ? columns.filter(loud).map(({ name, sentence }) => `${name}: ${sentence}`)
      : causes.filter(loud).map(({ sentence }) => sentence)),
  ]
  const more = lines.length - MOST_DETAILS
  return more <= 0 ? lines : [...lines.slice(0, MOST_DETAILS), `and ${more} more`]
}

/** Values that the reference does not have may be personal: the message has their share, the report names them. */
function findingLine({ kind, column, sentence, current }: Finding): string {
  if (kind !== 'unseen' || column === null || current === null) return sentence
  return `${(current * 100).toPrecision(2)} % of ${column} is not in the reference.`
}
