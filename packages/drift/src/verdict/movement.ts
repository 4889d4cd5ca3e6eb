import type { ColumnEvidence } from './evidence.ts'
import { quoted } from './shown-value.ts'
import { millionth } from './stable-number.ts'
import { brief } from './wording.ts'

/** Below this many robust σ the middle of a column has not moved. */
const STILL = 0.02

/** Where a changed column's values went, as a sentence with a space in front; empty when there is nothing to say. */
export function movement({ profile, shift, categories }: ColumnEvidence): string {
  if (profile.kind === 'number' && shift !== null && profile.robustStd !== null && profile.robustStd > 0)
    return numberMovement(shift, profile.robustStd)
  return categories === null ? '' : categoryMovement(categories)
}

function numberMovement(shift: number, std: number): string {
  const move = shift / std
  if (Math.abs(move) < STILL) return ' The middle stayed, the spread or shape changed.'
  const direction = shift > 0 ? 'up' : 'down'
  const amount = brief(Math.abs(millionth(shift, std)))
  return ` Values moved ${direction} by ${amount} on average (${brief(Math.abs(millionth(move, 1)))} σ).`
}

function categoryMovement(cells: NonNullable<ColumnEvidence['categories']>): string {
  const n = cells.reference.reduce((sum, count) => sum + count, cells.beyond[0])
  const m = cells.current.reduce((sum, count) => sum + count, cells.beyond[1])
  const changes = cells.labels.map((label, cell) => ({
    label,
    from: (cells.reference[cell] ?? 0) / n,
    to: (cells.current[cell] ?? 0) / m,
  }))
  const [largest] = changes.toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from))
  if (largest === undefined) return ''
  return ` Most of it: ${quoted(largest.label)} went from ${brief(100 * largest.from)} % to ${brief(100 * largest.to)} %.`
}
