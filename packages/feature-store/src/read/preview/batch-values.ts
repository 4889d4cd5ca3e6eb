import { rowsOf, type ColumnBatch } from '@martlet/warehouse'

/** A value as people read it: instants are `Date`s, long whole numbers bigints, decimals with more than 15 digits text. */
export type PreviewValue = string | number | bigint | boolean | Date | null

export function valuesOf(batch: ColumnBatch): readonly Readonly<Record<string, PreviewValue>>[] {
  return rowsOf<Record<string, PreviewValue>>(batch)
}
