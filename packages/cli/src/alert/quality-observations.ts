import type { Observation, Severity } from '@martlet/drift'
import type { CheckResult } from '@martlet/feature-store'
import type { ViewStatus } from '../project/view-status.ts'
import { instantWords } from '../terminal/words.ts'

/** Lines of findings in a message. */
const MOST_DETAILS = 8

/**
 * What checks say of the quality of views and labels: errors alert, warnings do not. Examples stay out of messages:
 * they may be personal.
 *
 * @param names the views and labels that were checked, also those without findings
 */
export function qualityObservations(
  names: readonly string[],
  findings: readonly CheckResult[],
  now: Date,
): readonly Observation[] {
  return names.map((name) => {
    const own = findings.filter(({ view, check }) => view === name && check !== 'freshness')
    const errors = own.filter(({ severity }) => severity === 'error')
    const severity: Severity = errors.length > 0 ? 'crit' : own.length > 0 ? 'warn' : 'none'
    const sentence =
      errors.length > 0
        ? `${errors.length === 1 ? '1 check' : `${errors.length} checks`} of its sources failed.`
        : 'No check of its sources failed.'
    return {
      ...observation(`quality:${name}`, errors.length > 0, severity, sentence, now),
      details: lines(errors.map(findingLine)),
    }
  })
}

/** What is known of how fresh views are: facts that stay away, and rows that are late. Either alerts. */
export function freshnessObservations(
  names: readonly string[],
  findings: readonly CheckResult[],
  statuses: readonly Pick<ViewStatus, 'view' | 'late' | 'watermark'>[],
  now: Date,
): readonly Observation[] {
  return names.map((name) => {
    const old = findings.filter(({ view, check }) => view === name && check === 'freshness')
    const late = statuses.find(({ view, late: is }) => view === name && is)
    const reasons = [...(late === undefined ? [] : [lateWords(late.watermark)]), ...old.map(findingLine)]
    const sentence = reasons[0] ?? 'Its rows and facts are as new as they should be.'
    return {
      ...observation(`freshness:${name}`, reasons.length > 0, reasons.length > 0 ? 'warn' : 'none', sentence, now),
      details: lines(reasons.slice(1)),
    }
  })
}

function lateWords(watermark: string | null): string {
  return watermark === null
    ? 'No row of it has been computed yet.'
    : `Its rows are complete only before ${instantWords(watermark)}.`
}

function observation(
  subject: string,
  alerting: boolean,
  severity: Severity,
  sentence: string,
  now: Date,
): Omit<Observation, 'details'> {
  return {
    subject,
    alerting,
    status: alerting ? 'failed' : 'ok',
    severity,
    sentence,
    since: null,
    window: null,
    quiet: { windows: alerting ? 0 : 1, of: 1 },
    at: now.toISOString(),
  }
}

function findingLine({ table, column, check, declared, message, count, total }: CheckResult): string {
  const where = declared === undefined ? (column === null ? table : `${table}.${column}`) : `${table}.${check}`
  const share = count > 0 && total > 0 && declared !== 'aggregate' ? ` (${count} of ${total})` : ''
  return `${where}: ${message}${share}`
}

function lines(all: readonly string[]): readonly string[] {
  return all.length <= MOST_DETAILS ? all : [...all.slice(0, MOST_DETAILS), `and ${all.length - MOST_DETAILS} more`]
}
