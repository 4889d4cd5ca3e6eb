import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'

/** A number column as it is measured: `raw` for telling nulls and non-finite values apart, `value` a finite double or null. */
export interface MeasuredColumn {
  readonly raw: Sql
  readonly value: Sql
}

/** The largest double; anything beyond is infinite. */
const largest = sql.raw('1.7976931348623157e308')

/** Reads a number column as finite doubles, from `origin` on when its numbers are beyond 2^53. */
export function measuredColumn(leaves: Leaves, type: ColumnType, column: Sql, origin: string | null): MeasuredColumn {
  if (origin === null) return { raw: column, value: leaves.finite(column) }
  const wide = leaves.columnType({ decimal: [38, typeof type === 'object' ? type.decimal[1] : 0] })
  return {
    raw: column,
    value: leaves.toDouble(sql`(CAST(${column} AS ${wide}) - CAST(${sql.lit(origin)} AS ${wide}))`),
  }
}

/** Marks of rows that have no bin. */
export const unbinned = { null: -1, nan: -2, positiveInfinite: -3, negativeInfinite: -4 } as const

/**
 * Which mark a row without a finite value gets. Both engines sort NaN above every number and keep −NaN there, so that
 * only an infinity is beyond the largest double from its own side.
 */
export function unbinnedMark(type: ColumnType, raw: Sql): Sql {
  if (type !== 'double') return mark(unbinned.null)
  return sql`
    CASE
      WHEN ${raw} IS NULL THEN ${mark(unbinned.null)}
      WHEN ${raw} < -${largest} THEN ${mark(unbinned.negativeInfinite)}
      WHEN -${raw} < -${largest} THEN ${mark(unbinned.positiveInfinite)}
      ELSE ${mark(unbinned.nan)} END
  `
}

function mark(value: number): Sql {
  return sql.raw(String(value))
}
