import type { Season } from './season.ts'

/**
 * How a profile's counts are made up: its rows by stretch of time and season, on the profile's own cells. Every list has a
 * place for each piece.
 */
export interface ReferencePieces {
  /** How rows are sorted by season; empty: they are not. */
  readonly by: readonly Season[]
  readonly zone: string
  /** The number of each piece's season. */
  readonly seasons: readonly number[]
  /** The number of each piece's stretch of time. */
  readonly stretches: readonly number[]
  readonly rows: readonly number[]
  /** What the rows of each piece weigh; absent where each counts as one. Everything below is of weighted rows. */
  readonly weight?: readonly number[]
  /** Rows without any value of a view, for each of the profile's views. */
  readonly absent: readonly (readonly number[])[]
  /** By the name of the column. */
  readonly columns: Readonly<Record<string, ColumnPieces>>
}

export type ColumnPieces = NumberPieces | CategoryPieces | { readonly nulls: readonly number[] }

export interface NumberPieces {
  readonly nulls: readonly number[]
  readonly nan: readonly number[]
  readonly positiveInfinite: readonly number[]
  readonly negativeInfinite: readonly number[]
  /** Counts of each piece on the column's edges, and Σ(x − centre) of each bin. */
  readonly counts: readonly (readonly number[])[]
  readonly sums: readonly (readonly number[])[]
}

export interface CategoryPieces {
  readonly nulls: readonly number[]
  /** Rows with a value. */
  readonly present: readonly number[]
  /** Counts of each piece of the column's `top` values, then of its `rest`. */
  readonly counts: readonly (readonly number[])[]
}
