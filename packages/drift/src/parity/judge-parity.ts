import { atLeast, bySize, worst } from '../verdict/severity.ts'
import { mutedFindings } from '../verdict/muted.ts'
import type { Finding, Mute, Status, WindowResult } from '../verdict/result.ts'
import { grouped, percent } from '../verdict/wording.ts'
import { parityReasons, type FeatureParity, type ParityReason, type WindowParity } from './parity-result.ts'

/** Features that a sentence names. */
const MOST_NAMED = 3
/** The share of predictions that cannot be compared which is worth a look. */
const SKIPPED = { warn: 0.2, crit: Number.POSITIVE_INFINITY }

export interface ParityJudging {
  readonly mutes: readonly Mute[]
  /** Findings about the rules themselves. */
  readonly rules: readonly Finding[]
}

/** The verdict on the vectors of one window. */
export function judgeParity(
  span: { readonly from: string; readonly to: string },
  parity: WindowParity,
  { mutes, rules }: ParityJudging,
): WindowResult {
  const base = { ...span, rows: parity.rows, causes: [], columns: [], parity }
  const about = mutedFindings(rules, mutes)
  if (parity.rows === 0) {
    const sentence =
      parity.skipped === 0
        ? 'No predictions in this window.'
        : `None of the ${grouped(parity.skipped)} predictions can be compared: ` +
          'their service is not defined any more, or they lack a key of its type.'
    return { ...base, status: 'no_data', severity: 'none', sentence, findings: about }
  }
  if (parity.features.length === 0)
    return {
      ...base,
      status: 'not_evaluable',
      severity: 'none',
      sentence: 'No feature can be compared.',
      findings: about,
    }
  const failing = parity.features.filter(({ passes }) => !passes)
  const findings = mutedFindings([...skippedRows(parity), ...failing.map(findingOf), ...rules], mutes)
  const severity = worst(findings.map((finding) => finding.severity))
  const status: Status = severity === 'crit' ? 'drift' : severity === 'warn' ? 'warn' : 'ok'
  return { ...base, status, severity, sentence: sentenceOf(parity, findings), findings }
}

function findingOf(parity: FeatureParity): Finding {
  const { feature, match, atLeast } = parity
  return {
    kind: 'parity',
    column: feature,
    severity: 'crit',
    sentence: `${feature} is not what its definition gives in ${whereOf(parity)}.`,
    reference: atLeast,
    current: match,
    q: null,
  }
}

function skippedRows({ skipped, rows }: WindowParity): readonly Finding[] {
  if (skipped === 0) return []
  const share = skipped / (skipped + rows)
  const size = bySize(share, SKIPPED)
  return [
    {
      kind: 'parity',
      column: null,
      severity: size === 'none' ? 'info' : size,
      sentence:
        `${grouped(skipped)} of ${grouped(skipped + rows)} predictions cannot be compared: ` +
        'their service is not defined any more, or they lack a key of its type.',
      reference: null,
      current: share,
      q: null,
    },
  ]
}

/** The whole window in one sentence. */
function sentenceOf({ rows, features }: WindowParity, findings: readonly Finding[]): string {
  const muted = new Set(findings.flatMap(({ column, muted: by }) => (by === undefined ? [] : [column])))
  const failing = features.filter(({ passes, feature }) => !passes && !muted.has(feature))
  const values = features.reduce((sum, { compared }) => sum + compared, 0)
  const equal = features.reduce((sum, one) => sum + one.equal, 0)
  if (failing.length === 0) {
    const also = findings.filter(({ severity }) => atLeast(severity, 'warn')).map(({ sentence }) => ` ${sentence}`)
    if (equal === values)
      return `The vectors of ${grouped(rows)} predictions are what the definitions give.${also.join('')}`
    const differing = `${grouped(values - equal)} of ${grouped(values)} values in ${grouped(rows)} predictions`
    const allowed = features.every(({ passes }) => passes) ? 'As the rules allow' : 'In features that are muted'
    const reasons = reasonWords(allReasons(features))
    return `${allowed}, ${differing} are not what the definitions give (${reasons}).${also.join('')}`
  }
  const [first, second] = failing
  if (first === undefined) return ''
  const where = whereOf(first)
  if (second === undefined) return `${first.feature} is not what its definition gives in ${where}.`
  const named = failing.slice(0, MOST_NAMED).map(({ feature }) => feature)
  const more = failing.length > MOST_NAMED ? ` and ${failing.length - MOST_NAMED} more` : ''
  return (
    `${failing.length} of ${features.length} features are not what the definitions give: ` +
    `${named.join(', ')}${more}, the first in ${where}.`
  )
}

function allReasons(features: readonly FeatureParity[]): FeatureParity['reasons'] {
  const count = (reason: ParityReason): number => features.reduce((sum, one) => sum + (one.reasons[reason] ?? 0), 0)
  return Object.fromEntries(parityReasons.map((reason) => [reason, count(reason)]))
}

/** Such as `2 % of 1 200 predictions (late facts)`. */
function whereOf({ match, compared, reasons }: FeatureParity): string {
  return `${differing(match, compared)} of ${grouped(compared)} predictions (${reasonWords(reasons)})`
}

function differing(match: number, compared: number): string {
  const share = 1 - match
  return share * compared < 0.5 ? '0 %' : percent(share)
}

/** Reasons with their shares, the most frequent first. */
export function reasonWords(reasons: FeatureParity['reasons']): string {
  const found = parityReasons
    .map((reason) => [reason, reasons[reason] ?? 0] as const)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a)
  const all = found.reduce((sum, [, count]) => sum + count, 0)
  return found
    .map(([reason, count]) =>
      count === all ? REASON_WORDS[reason] : `${REASON_WORDS[reason]} ${percent(count / all)}`,
    )
    .join(', ')
}

const REASON_WORDS = {
  definition: 'the definition has changed',
  ttl: 'the row was too old',
  'store behind': 'the store was behind',
  'late facts': 'facts came late or changed',
  function: 'the on-demand function',
  unknown: 'unknown',
} as const
