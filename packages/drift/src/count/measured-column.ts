import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'

/** A number column as it is measured: `raw` distinguishes nulls from non-finite values, `value` is a finite double or null. */
export interface MeasuredColumn {
  readonly raw: Sql
  readonly value: Sql
}

/** The largest double; anything beyond is infinite. */
const LARGEST_DOUBLE = sql.raw('1.7976931348623157e308')

/** Reads a number column as finite doubles; as distances from `origin` when its numbers are beyond 2^53. */
export function measuredColumn(leaves: Leaves, type: ColumnType, column: Sql, origin: string | null): MeasuredColumn {
  if (origin === null) return { raw: column, value: leaves.finite(column) }
  const wide = leaves.columnType({ decimal: [38, typeof type === 'object' ? type.decimal[1] : 0] })
  return {
    raw: column,
    value: leaves.toDouble(sql`(CAST(${column} AS ${wide}) - CAST(${sql.lit(origin)} AS ${wide}))`),
  }
}

/** What stands for a bin in rows that have none. */
export const UNBINNED = { null: -1, nan: -2, positiveInfinite: -3, negativeInfinite: -4 } as const

/**
 * Which of {@link UNBINNED} a row without a finite value gets. Both engines sort NaN, and −NaN too, above every number, so
 * that only an infinity is beyond the largest double on its own side.
 */
export function unbinnedMark(type: ColumnType, raw: Sql): Sql {
  if (type !== 'double') return mark(UNBINNED.null)
  return sql`
    CASE
      WHEN ${raw} IS NULL THEN ${mark(UNBINNED.null)}
      WHEN ${raw} < -${LARGEST_DOUBLE} THEN ${mark(UNBINNED.negativeInfinite)}
      WHEN -${raw} < -${LARGEST_DOUBLE} THEN ${mark(UNBINNED.positiveInfinite)}
      ELSE ${mark(UNBINNED.nan)} END
  `
}

function mark(value: number): Sql {
  return sql.raw(String(value))
}
