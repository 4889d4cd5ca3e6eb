import type { ColumnProfile } from '../profile/reference-profile.ts'
import type { ColumnResult, Finding, Mute } from './result.ts'
import { atLeast } from './severity.ts'

/** Lowers what is found about muted columns to a note that says who muted them, why and until when. */
export function withoutMuted<J extends ColumnResult | Finding>(
  judged: readonly J[],
  mutes: readonly Mute[],
  columnOf: (judged: J) => string | null,
): readonly J[] {
  if (mutes.length === 0) return judged
  return judged.map((one) => {
    const name = columnOf(one)
    const muted = mutes.find(({ column }) => column === name)
    if (muted === undefined || !atLeast(one.severity, 'warn')) return one
    const sentence = `${one.sentence} Muted until ${muted.until.slice(0, 10)} by ${muted.by}: ${muted.reason}`
    return { ...one, severity: 'info', sentence, muted }
  })
}

/** Who mutes a date or instant mutes what is derived from it. */
export function withDerived(mutes: readonly Mute[], columns: readonly ColumnProfile[]): readonly Mute[] {
  return mutes.flatMap((mute) => [
    mute,
    ...columns.flatMap(({ name, derived }) => (derived?.of === mute.column ? [{ ...mute, column: name }] : [])),
  ])
}
