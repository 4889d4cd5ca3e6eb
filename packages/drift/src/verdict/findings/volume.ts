import { filledTime, type ReferenceProfile } from '../../profile/reference-profile.ts'
import type { WindowEvidence } from '../evidence.ts'
import { predictionLimit, type ColumnFloor } from '../floor-of.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { bySize } from '../severity.ts'
import { significant } from '../stable-number.ts'
import { brief, grouped, percent } from '../wording.ts'

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
  const floor = rowFloor(profile, policy)
  const severity = bySize(Math.max(factor, 1 / factor), floor)
  if (severity === 'none') return []
  const words =
    factor > 1 ? `${brief(factor)} times as many rows per hour as` : `${percent(1 - factor)} fewer rows per hour than`
  const sentence = `${words} in the reference (${brief(current)} against ${brief(reference)})${learntWords(floor)}.`
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

/** The policy's floor, or the factor that the next unchanged window stays below by what the reference's own windows showed. */
function rowFloor({ rowSpread = [] }: ReferenceProfile, { learnt, alpha, volume: floor }: DriftPolicy): ColumnFloor {
  const limit = learnt === 'never' || rowSpread.length < 2 ? null : Math.exp(predictionLimit(rowSpread, alpha, 2))
  if (limit === null || (learnt === 'atLeast' && limit <= floor.warn)) return { ...floor, learntFrom: 0 }
  const warn = significant(limit, 6)
  const crit = floor.warn > 0 ? significant(limit * (floor.crit / floor.warn), 6) : Math.max(floor.crit, warn)
  return { warn, crit, learntFrom: rowSpread.length }
}

function learntWords({ warn, learntFrom }: ColumnFloor): string {
  return learntFrom === 0 ? '' : `; floor ${brief(warn)}, learnt from ${grouped(learntFrom)} reference windows`
}

function hoursOf(span: ReturnType<typeof filledTime>): number {
  return span === null ? 0 : (span.to.getTime() - span.from.getTime()) / HOUR_MS
}
