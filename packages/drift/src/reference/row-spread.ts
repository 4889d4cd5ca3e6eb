import type { ReferencePieces } from '../profile/pieces.ts'
import { FEWEST_WINDOWS } from './window-spread.ts'

/**
 * By what factor the rows of each of several windows of the same length differ from those of the others, as |ln|. Windows
 * without rows say nothing; null with fewer than {@link FEWEST_WINDOWS}.
 */
export function rowSpread(
  { rows }: Pick<ReferencePieces, 'rows'>,
  windows: readonly (readonly boolean[])[],
): readonly number[] | null {
  const counts = windows
    .map((chosen) => rows.reduce((sum, count, piece) => (chosen[piece] === true ? sum + count : sum), 0))
    .filter((count) => count > 0)
  if (counts.length < FEWEST_WINDOWS) return null
  const all = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((own) => {
    const others = (all - own) / (counts.length - 1)
    return Number(Math.abs(Math.log(own / others)).toPrecision(6))
  })
}
