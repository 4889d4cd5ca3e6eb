import { longestHours, type Gaps } from '../../profile/gaps.ts'
import type { ReferenceProfile } from '../../profile/reference-profile.ts'
import type { WindowEvidence } from '../evidence.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding, Severity } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { brief } from '../wording.ts'

/** The shares of a window from which a gap is worth a look, and may be critical. */
const LEAST_SHARE: Readonly<Record<'warn' | 'crit', number>> = { warn: 0.01, crit: 0.1 }

/** Stretches without rows that are longer than any in the reference; not looked for between rows of different kinds. */
export function gaps(
  profile: ReferenceProfile,
  { window, rowKind, gaps: current }: Pick<WindowEvidence, 'window' | 'rowKind' | 'gaps'>,
  policy: DriftPolicy,
): readonly Finding[] {
  const { time, gaps: reference } = profile
  if (time === null || reference === undefined || current === undefined || rowKind !== (profile.rowKind ?? 'table'))
    return []
  const ways = [
    { then: reference.all, now: current.all, keys: [] },
    { then: reference.entity, now: current.entity, keys: reference.entity?.keys ?? [] },
  ].flatMap(({ then, now, keys }) =>
    then === undefined || now === undefined || then.count < policy.minimumRows ? [] : [{ then, now, keys }],
  )
  const windowHours = window === null ? null : (window.to.getTime() - window.from.getTime()) / 3.6e6
  const found = ways.flatMap(({ then, now, keys }): readonly Finding[] => {
    const p = chanceOfLonger(then, now)
    const severity = severityOf(then, now, windowHours ?? now.hours, policy)
    if (severity === 'none' || p * ways.length >= policy.alpha) return []
    return [
      {
        kind: 'gap',
        column: time.column,
        severity,
        sentence: sentenceOf(time.column, keys, then, now),
        reference: significant(longestHours(then), 12),
        current: significant(longestHours(now), 12),
        q: significant(Math.min(1, p * ways.length), 9),
      },
    ]
  })
  // Where no row came at all, none of any entity did.
  return found.slice(0, 1)
}

/**
 * The chance that the longest of so many gaps is so much longer than the longest of the reference, if both have the same law
 * and its tail falls as 1/length. Tails of gaps with a mean fall faster, so the chance is at most this. Where rows come less
 * often by and large, gaps count by as much less: that is a matter of volume.
 */
export function chanceOfLonger(then: Gaps, now: Gaps): number {
  return now.count / (now.count + then.count * timesLonger(then, now))
}

function timesLonger(then: Gaps, now: Gaps): number {
  const slower = Math.max(1, meanOfOthers(now) / meanOfOthers(then))
  return longestHours(now) / longestHours(then) / slower
}

/** The mean without the longest, which is what is asked about. */
function meanOfOthers({ count, hours, longest }: Gaps): number {
  return count > 1 ? (hours - longestHours({ longest })) / (count - 1) : 0
}

function severityOf(then: Gaps, now: Gaps, hours: number, { gap }: DriftPolicy): Severity {
  const share = longestHours(now) / hours
  const severity = bySize(timesLonger(then, now), gap)
  if (share < LEAST_SHARE.warn) return 'none'
  return severity === 'crit' && share < LEAST_SHARE.crit ? 'warn' : severity
}

function sentenceOf(column: string, keys: readonly string[], then: Gaps, now: Gaps): string {
  const [from, to] = [now.longest.from, now.longest.to].map(minuteOf)
  const whose = keys.length === 0 ? '' : ` of one ${keys.join(' and ')}`
  const before = keys.length === 0 ? 'of' : 'of any in'
  const [length, known] = [now, then].map((gap) => lengthWords(longestHours(gap)))
  const found = `${column}: no rows${whose} from ${from} to ${to} UTC (${length})`
  return `${found}; the longest gap ${before} the reference was ${known}.`
}

/** 2026-03-02 04:00, with seconds where it has any. */
function minuteOf(iso: string): string {
  return iso.slice(0, iso.slice(17, 23) === '00.000' ? 16 : 19).replace('T', ' ')
}

function lengthWords(hours: number): string {
  if (hours >= 48) return `${brief(hours / 24)} days`
  if (hours >= 1) return `${brief(hours)} h`
  return hours * 60 >= 1 ? `${brief(hours * 60)} min` : `${brief(hours * 3600)} s`
}
