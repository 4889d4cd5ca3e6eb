import { filledTime, type ReferenceProfile } from '../../profile/reference-profile.ts'
import type { WindowEvidence } from '../evidence.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { brief } from '../wording.ts'

const HOUR_MS = 3_600_000

/** Rows per hour, more or fewer than in the reference; not compared without times or between rows of different kinds. */
export function volume(
  profile: ReferenceProfile,
  { window, rows, rowKind }: Pick<WindowEvidence, 'window' | 'rows' | 'rowKind'>,
  policy: DriftPolicy,
): readonly Finding[] {
  if (
    profile.time === null ||
    profile.rows === 0 ||
    window === null ||
    rows === 0 ||
    rowKind !== (profile.rowKind ?? 'table')
  )
    return []
  const referenceHours = profile.hours ?? hoursOf(filledTime(profile))
  if (!(referenceHours > 0)) return []
  const reference = profile.rows / referenceHours
  const current = rows / ((window.to.getTime() - window.from.getTime()) / HOUR_MS)
  const factor = current / reference
  const severity = bySize(Math.max(factor, 1 / factor), policy.volume)
  if (severity === 'none') return []
  const words =
    factor > 1
      ? `${brief(factor)} times as many rows per hour as`
      : `${brief(1 / factor)} times fewer rows per hour than`
  const sentence = `${words} in the reference (${brief(current)} against ${brief(reference)}).`
  return [
    {
      kind: 'volume',
      column: null,
      severity,
      sentence: sentence.charAt(0).toUpperCase() + sentence.slice(1),
      reference: significant(reference, 12),
      current: significant(current, 12),
      q: null,
    },
  ]
}

function hoursOf(span: ReturnType<typeof filledTime>): number {
  return span === null ? 0 : (span.to.getTime() - span.from.getTime()) / HOUR_MS
}
