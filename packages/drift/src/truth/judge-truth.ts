import { atLeast, bySize, worst } from '../verdict/severity.ts'
import type { DriftPolicy } from '../verdict/policy.ts'
import { mutedFindings } from '../verdict/muted.ts'
import type { Finding, Mute, Status, WindowResult } from '../verdict/result.ts'
import { brief, grouped, percent } from '../verdict/wording.ts'
import { metricNamed } from './compare-performance.ts'
import type { Counted } from './truth-pairs.ts'
import {
  uselessOf,
  type Coverage,
  type GroupPerformance,
  type MetricPerformance,
  type WindowPerformance,
} from './truth-result.ts'

/** The share of matured predictions without a label, or without a value, that is worth a look, and that is worth waking somebody. */
const MISSING = { warn: 0.2, crit: 0.5 }

/** Metrics that a sentence names. */
const MOST_NAMED = 2
/** Segments that a finding names. */
const MOST_SEGMENTS = 3

export interface JudgedSpan {
  readonly from: string | null
  readonly to: string | null
}

export interface TruthJudging {
  readonly policy: DriftPolicy
  /** The smallest share of known labels. */
  readonly coverage: number
  /** The column of the prediction. */
  readonly prediction: string
  /** Labelled predictions that should be chances and lie outside 0 to 1. */
  readonly outside: Pick<Counted, 'outside' | 'outermost'> | undefined
  readonly mutes: readonly Mute[]
}

/** The verdict on the performance of one window. */
export function judgeTruth(
  span: JudgedSpan,
  performance: WindowPerformance,
  { policy, coverage: least, prediction, outside, mutes }: TruthJudging,
): WindowResult {
  const { coverage, groups } = performance
  const base = { ...span, rows: coverage.predictions, causes: [], columns: [], performance }
  const early = cannotSay(coverage, least, policy)
  if (early !== null) return { ...base, ...early, severity: 'none', findings: [] }
  const findings = mutedFindings(
    [
      ...missingLabels(coverage),
      ...withoutValue(coverage, prediction, outside),
      ...tooLarge(groups, prediction),
      ...worseMetrics(groups),
      ...worseSegments(groups),
      ...betterBaseline(performance),
    ],
    mutes,
  )
  const severity = worst(findings.map((finding) => finding.severity))
  const status: Status = severity === 'crit' ? 'drift' : severity === 'warn' ? 'warn' : quietStatus(performance)
  return { ...base, status, severity, sentence: sentenceOf(performance, findings), findings }
}

function cannotSay(
  coverage: Coverage,
  least: number,
  { minimumRows }: DriftPolicy,
): { readonly status: Status; readonly sentence: string } | null {
  const { predictions, matured, labelled, completeAt } = coverage
  const useless = uselessOf(coverage)
  if (predictions === 0) return { status: 'no_data', sentence: 'No predictions in this window.' }
  if (matured < least * predictions)
    return {
      status: 'late',
      sentence:
        `The labels of ${grouped(predictions - matured)} of ${grouped(predictions)} predictions cannot be known yet` +
        `${completeAt === null ? '' : `; the last can on ${completeAt.slice(0, 16).replace('T', ' ')} UTC`}.`,
    }
  if (labelled + useless >= minimumRows) return null
  return {
    status: 'too_few_rows',
    sentence: `${grouped(labelled)} predictions have labels; at least ${grouped(minimumRows)} are needed.`,
  }
}

const none = { column: null, reference: null, current: null, q: null }

function missingLabels({ matured, missing }: Coverage): readonly Finding[] {
  if (missing === 0) return []
  const share = missing / matured
  const size = bySize(share, MISSING)
  const sentence =
    `${grouped(missing)} of ${grouped(matured)} predictions (${percent(share)}) have no label although its time is over` +
    (size === 'none' ? '.' : '; the figures are those of the others.')
  return [{ ...none, kind: 'missingLabels', severity: size === 'none' ? 'info' : size, sentence, current: share }]
}

/** A model that no longer computes numbers must not be judged by those that it still does. */
function withoutValue(coverage: Coverage, column: string, outside: TruthJudging['outside']): readonly Finding[] {
  const useless = uselessOf(coverage)
  if (useless === 0) return []
  const { matured } = coverage
  const share = useless / matured
  const size = bySize(share, MISSING)
  const sentence =
    `${grouped(useless)} of ${grouped(matured)} predictions (${percent(share)}) have a label but no ${lack(useless, column, outside)}` +
    (size === 'none' ? '.' : '; the figures are those of the others.')
  const severity = size === 'none' ? 'info' : size
  return [{ ...none, kind: 'nonFiniteRate', column, severity, sentence, current: share }]
}

/** What such rows have none of. */
function lack(useless: number, column: string, found: TruthJudging['outside']): string {
  if (found === undefined || found.outermost === null) return 'finite value'
  const { outside, outermost } = found
  const [low, high] = outermost
  const farthest = brief(high > 1 ? high : low)
  const others = useless - outside
  const values =
    outside === 1 ? `${column} was ${farthest}` : `${grouped(outside)} values of ${column}, such as ${farthest}`
  return `chance from 0 to 1 (${values}${others === 0 ? '' : `; ${grouped(others)} without a finite value`})`
}

/** Errors that do not add up to a double: one such row hides those of all others. */
function tooLarge(groups: readonly GroupPerformance[], column: string): readonly Finding[] {
  const [all] = groups.filter(({ segment, rows }) => segment === null && rows > 0)
  if (all?.metrics.find(({ metric }) => metric === 'mae')?.value !== null) return []
  const sentence = 'Errors cannot be added up: some predictions or labels are nearly as large as the largest double.'
  return [{ ...none, kind: 'nonFiniteRate', column, severity: 'warn', sentence }]
}

function isWorse({ severity }: MetricPerformance): boolean {
  return atLeast(severity, 'warn')
}

function worseMetrics(groups: readonly GroupPerformance[]): readonly Finding[] {
  const [all] = groups.filter(({ segment }) => segment === null)
  return (all?.metrics ?? []).filter(isWorse).map((metric) => ({
    ...none,
    kind: 'performance' as const,
    severity: metric.severity,
    sentence: `${capital(metricNamed(metric.metric).word)} is ${changeWords(metric)}.`,
    reference: metric.reference,
    current: metric.value,
    q: metric.q,
  }))
}

/** One finding for each metric and column in which segments became worse; a note where all rows together did. */
function worseSegments(groups: readonly GroupPerformance[]): readonly Finding[] {
  const [all] = groups
  const everywhere = new Set(all?.metrics.filter(isWorse).map(({ metric }) => metric))
  const bad = groups.flatMap(({ segment, metrics }) =>
    segment === null ? [] : metrics.filter(isWorse).map((metric) => ({ segment, metric })),
  )
  const by = Map.groupBy(bad, ({ segment, metric }) => `${segment.column} ${metric.metric}`)
  return [...by.values()].map((found): Finding => {
    const ordered = found.toSorted((a, b) => (b.metric.worse ?? 0) - (a.metric.worse ?? 0))
    const [first] = ordered
    const named = ordered
      .slice(0, MOST_SEGMENTS)
      .map(({ segment, metric }) => `${segment.value} (${changeWords(metric)})`)
      .join(', ')
    const more = ordered.length > MOST_SEGMENTS ? ` and ${ordered.length - MOST_SEGMENTS} more` : ''
    const word = first === undefined ? '' : metricNamed(first.metric.metric).word
    return {
      ...none,
      kind: 'performance',
      column: first?.segment.column ?? null,
      severity:
        first !== undefined && everywhere.has(first.metric.metric)
          ? 'info'
          : worst(found.map(({ metric }) => metric.severity)),
      sentence: `${capital(word)} is worse in ${named}${more}.`,
      q: Math.min(...found.map(({ metric }) => metric.q ?? 1)),
    }
  })
}

/** A baseline that is better than the model, beyond its interval. */
function betterBaseline({ groups, baseline }: WindowPerformance): readonly Finding[] {
  const [all] = groups
  return (all?.metrics ?? []).flatMap((metric): readonly Finding[] => {
    const { better, decides, word } = metricNamed(metric.metric)
    const interval = metric.baseline?.interval ?? null
    if (!decides || interval === null || better === 'near zero' || metric.baseline === null) return []
    const isBetter = better === 'lower' ? interval[0] > 0 : interval[1] < 0
    if (!isBetter) return []
    const sentence =
      `${capital(word)} of the baseline (${baseline ?? ''}) is better: ` +
      `${brief(metric.baseline.value)} against ${brief(metric.baseline.value + metric.baseline.difference)}.`
    return [
      {
        ...none,
        kind: 'baseline',
        severity: 'warn',
        sentence,
        reference: metric.baseline.value,
        current: metric.value,
      },
    ]
  })
}

/** Of a window without an alert: what nothing was tested of has not been found to be well. */
function quietStatus({ groups }: WindowPerformance): Status {
  return testedMetrics(groups).some(({ p }) => p !== null) ? 'ok' : 'not_evaluable'
}

/** The metrics on which a verdict can rest, where the reference has them, too. */
function testedMetrics(groups: readonly GroupPerformance[]): readonly MetricPerformance[] {
  const [all] = groups
  return (all?.metrics ?? []).filter(
    ({ metric, value, reference }) => metricNamed(metric).decides && value !== null && reference !== null,
  )
}

function sentenceOf({ groups, coverage }: WindowPerformance, findings: readonly Finding[]): string {
  const [alert] = findings
    .filter(({ severity }) => atLeast(severity, 'warn'))
    .toSorted((a, b) => Number(atLeast(b.severity, a.severity)) - Number(atLeast(a.severity, b.severity)))
  if (alert !== undefined) return alert.sentence
  const [all] = groups
  const decisive = (all?.metrics ?? []).filter(({ metric, value }) => metricNamed(metric).decides && value !== null)
  const compared = testedMetrics(groups)
  const verdict =
    compared.length === 0
      ? 'Nothing to compare with'
      : compared.every(({ p }) => p === null)
        ? 'Not tested against the reference'
        : compared.some(({ metric, worse }) => worse !== null && worse >= metricNamed(metric).floor.warn)
          ? 'Not clearly worse than the reference'
          : 'No worse than the reference'
  const named = decisive
    .slice(0, MOST_NAMED)
    .map(
      ({ metric, value, reference }) =>
        `${metricNamed(metric).word} ${brief(value ?? 0)}${reference === null ? '' : ` (reference ${brief(reference)})`}`,
    )
  const { predictions, labelled } = coverage
  const known = labelled + uselessOf(coverage)
  return (
    `${verdict}${named.length === 0 ? '' : `: ${named.join(', ')}`}; ` +
    `${percent(known / predictions)} of ${grouped(predictions)} predictions have labels.`
  )
}

/** Such as `4.1 instead of 3.2, 28 % worse`. */
function changeWords({ metric, value, reference, worse }: MetricPerformance): string {
  const amount =
    metricNamed(metric).floor.of === 'reference' && worse !== null && worse < 1000 ? `, ${percent(worse)} worse` : ''
  return `${brief(value ?? 0)} instead of ${brief(reference ?? 0)}${amount}`
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}

/** Lowers what the latest window says to notes while too few of the last windows alert. */
export function confirmedTruth(
  windows: readonly WindowResult[],
  { confirm }: Pick<DriftPolicy, 'confirm'>,
): readonly WindowResult[] {
  const latest = windows.at(-1)
  const alerts = windows.slice(-confirm.of).filter(({ severity }) => atLeast(severity, 'warn')).length
  if (latest === undefined || !atLeast(latest.severity, 'warn') || alerts >= confirm.windows) return windows
  const findings = latest.findings.map((finding): Finding => ({
    ...finding,
    severity: atLeast(finding.severity, 'warn') ? 'info' : finding.severity,
  }))
  const sentence = `${latest.sentence} Not confirmed yet: ${alerts} of the ${confirm.windows} windows needed.`
  const status = latest.performance === undefined ? 'ok' : quietStatus(latest.performance)
  return [...windows.slice(0, -1), { ...latest, status, severity: 'info', sentence, findings }]
}
