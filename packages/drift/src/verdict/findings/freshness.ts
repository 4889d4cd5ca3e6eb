import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { brief } from '../wording.ts'

/** The age of the newest row, when the policy limits it. */
export function freshness(newest: Date | null, now: Date, policy: DriftPolicy): readonly Finding[] {
  if (policy.freshnessHours === null) return []
  if (newest === null) {
    return [
      {
        kind: 'freshness',
        column: null,
        severity: 'crit',
        sentence: 'There are no rows, so no row is fresh.',
        reference: null,
        current: null,
        q: null,
      },
    ]
  }
  const hours = (now.getTime() - newest.getTime()) / 3_600_000
  const severity = bySize(hours, policy.freshnessHours)
  if (severity === 'none') return []
  const limit = severity === 'crit' ? policy.freshnessHours.crit : policy.freshnessHours.warn
  const sentence = `The newest row is ${brief(hours)} hours old (${newest.toISOString()}); at most ${brief(limit)} are allowed.`
  return [
    { kind: 'freshness', column: null, severity, sentence, reference: limit, current: significant(hours, 12), q: null },
  ]
}
