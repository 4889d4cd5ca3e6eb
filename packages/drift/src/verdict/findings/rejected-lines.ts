import type { WindowEvidence } from '../evidence.ts'
import type { DriftPolicy } from '../policy.ts'
import type { Finding } from '../result.ts'
import { significant } from '../stable-number.ts'
import { grouped } from '../wording.ts'

/** Lines of a log that could not be read: any is worth a look, and as many as a critical null rate are critical. */
export function rejectedLines(
  { rejected, rows }: Pick<WindowEvidence, 'rejected' | 'rows'>,
  policy: Pick<DriftPolicy, 'nullRate'>,
): readonly Finding[] {
  if (rejected === undefined) return []
  const { lines, first } = rejected
  const share = lines / (lines + rows)
  const where = `${first.file}, line ${first.line}: ${first.reason}`
  const sentence =
    lines === 1
      ? `1 line of the log is no prediction and left out; it is ${where}.`
      : `${grouped(lines)} lines of the log are no predictions and left out; the first is ${where}.`
  return [
    {
      kind: 'rejectedLines',
      column: null,
      severity: share >= policy.nullRate.crit ? 'crit' : 'warn',
      sentence,
      reference: 0,
      current: significant(share, 12),
      q: null,
    },
  ]
}
