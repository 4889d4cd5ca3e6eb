import type { ReferencePieces } from '../profile/pieces.ts'
import { coarserSeason, type Season } from '../profile/season.ts'
import type { PieceWeights } from './assemble.ts'

/** Rows by the number of their season. */
export type Composition = ReadonlyMap<number, number>

/** A reference weighted to a window's composition. */
export interface Matching {
  readonly weights: PieceWeights
  /** The seasons of the window that the reference has no row of, by their rows in the window. */
  readonly unseen: Composition
  /** The reference's rows by season, before they are weighted. */
  readonly reference: Composition
}

/**
 * Weights that give a reference the shares of seasons that a window has. They add up to the effective number of rows,
 * `(Σw)² / Σw²`, so that a season with few rows does not pass for many.
 *
 * Source: Kish, "Survey Sampling" (1965).
 */
export function seasonWeights(
  pieces: ReferencePieces,
  chosen: readonly boolean[],
  match: readonly Season[],
  window: Composition,
): Matching {
  const codes = pieces.seasons.map((code) => coarserSeason(code, pieces.by, match))
  const reference = new Map<number, number>()
  for (const [index, code] of codes.entries())
    if (chosen[index] === true) reference.set(code, (reference.get(code) ?? 0) + (pieces.rows[index] ?? 0))
  const unseen = new Map([...window].filter(([code]) => !((reference.get(code) ?? 0) > 0)))
  const seen = [...window].filter(([code, rows]) => rows > 0 && !unseen.has(code))
  const total = seen.reduce((sum, [, rows]) => sum + rows, 0)
  const share = new Map(seen.map(([code, rows]) => [code, rows / total]))
  const effective = 1 / seen.reduce((sum, [code]) => sum + (share.get(code) ?? 0) ** 2 / (reference.get(code) ?? 1), 0)
  const weights = codes.map((code, index) =>
    chosen[index] === true && share.has(code) ? (effective * (share.get(code) ?? 0)) / (reference.get(code) ?? 1) : 0,
  )
  return { weights, unseen, reference }
}

/** The composition of some pieces. */
export function compositionOf(
  pieces: ReferencePieces,
  chosen: readonly boolean[],
  match: readonly Season[],
): Composition {
  const found = new Map<number, number>()
  for (const [index, code] of pieces.seasons.entries()) {
    if (chosen[index] !== true) continue
    const coarse = coarserSeason(code, pieces.by, match)
    found.set(coarse, (found.get(coarse) ?? 0) + (pieces.rows[index] ?? 0))
  }
  return found
}
