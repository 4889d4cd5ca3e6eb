import { MartletError, type ColumnSpec, type Warehouse } from '@martlet/warehouse'
import { relationColumns, type Relation } from '../count/relation.ts'
import { weighRows, type WeighedRows } from '../count/weigh-rows.ts'
import type { TimeWindow } from '../count/windows.ts'
import type { ReferenceProfile } from '../profile/reference-profile.ts'

interface TimedRows {
  readonly relation: Relation
  readonly columns: readonly ColumnSpec[]
  readonly time: string | null
  readonly windows: readonly TimeWindow[]
}

/**
 * The weights of the current rows, window by window; null where each row counts as one.
 *
 * @throws MartletError WEIGHT_COLUMN when the column is not there, holds no numbers or is not the one that the reference counts by
 */
export async function currentWeights(
  warehouse: Warehouse,
  rows: TimedRows,
  { weight, profile }: { readonly weight: string | undefined; readonly profile: ReferenceProfile },
): Promise<WeighedRows | null> {
  if (weight === undefined) return null
  const reference = profile.weight?.column
  if (reference?.toLowerCase() !== weight.toLowerCase()) {
    const counts = reference === undefined ? 'counts each row as one' : `counts by ${reference}`
    throw new MartletError(
      'WEIGHT_COLUMN',
      `Rows cannot be weighed by ${weight}: profile ${profile.name} ${counts}. Profile the reference with \`weight\`, too.`,
      { data: { column: weight, profile: profile.name } },
    )
  }
  return weighRows(warehouse, rows, weight, profile.weight?.average)
}

/** Rows with their weights, for samples of them; as they are where each row counts as one. */
export async function withWeights(
  warehouse: Warehouse,
  relation: Relation,
  weight: string | undefined,
  { time, windows }: Pick<TimedRows, 'time' | 'windows'>,
): Promise<Relation> {
  if (weight === undefined) return relation
  const columns = await relationColumns(warehouse, relation)
  return (await weighRows(warehouse, { relation, columns, time, windows }, weight)).wrap(relation)
}
