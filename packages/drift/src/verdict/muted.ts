import type { ColumnProfile } from '../profile/reference-profile.ts'
import type { ColumnResult, Finding, Mute } from './result.ts'
import { atLeast } from './severity.ts'

/** Lowers findings of muted columns, and those of a muted kind, to notes that say who muted them, why and until when. */
export function mutedFindings(findings: readonly Finding[], mutes: readonly Mute[]): readonly Finding[] {
  return lowered(findings, mutes, ({ column, kind }, mute) =>
    'column' in mute ? mute.column === column : mute.finding === kind,
  )
}

/** Lowers the verdicts on muted columns to notes. */
export function mutedColumns(columns: readonly ColumnResult[], mutes: readonly Mute[]): readonly ColumnResult[] {
  return lowered(columns, mutes, ({ name }, mute) => 'column' in mute && mute.column === name)
}

function lowered<J extends ColumnResult | Finding>(
  judged: readonly J[],
  mutes: readonly Mute[],
  isAbout: (judged: J, mute: Mute) => boolean,
): readonly J[] {
  if (mutes.length === 0) return judged
  return judged.map((one) => {
    const muted = mutes.find((mute) => isAbout(one, mute))
    if (muted === undefined || !atLeast(one.severity, 'warn')) return one
    const sentence = `${one.sentence} Muted until ${muted.until.slice(0, 10)} by ${muted.by}: ${muted.reason}`
    return { ...one, severity: 'info', sentence, muted }
  })
}

/** Who mutes a date or instant mutes what is derived from it. */
export function withDerived(mutes: readonly Mute[], columns: readonly ColumnProfile[]): readonly Mute[] {
  return mutes.flatMap((mute) => [
    mute,
    ...columns.flatMap(({ name, derived }) =>
      'column' in mute && derived?.of === mute.column ? [{ ...mute, column: name }] : [],
    ),
  ])
}
