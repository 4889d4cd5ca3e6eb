import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'

/** A value with its type. */
export interface TypedValue {
  readonly sql: Sql
  readonly type: ColumnType
}

export function isNumeric(type: ColumnType): boolean {
  return type === 'integer' || type === 'bigint' || type === 'double' || typeof type === 'object'
}

function isWhole(type: ColumnType): boolean {
  return type === 'integer' || type === 'bigint'
}

/**
 * Whether two values are the same: missing ones are, doubles are within a share of the second, all else has to be equal.
 * Doubles that are not finite are missing, as they are in the log. Never null.
 */
export function equalValues(leaves: Leaves, a: TypedValue, b: TypedValue, relative: number): Sql {
  const [x, y] = [present(leaves, a), present(leaves, b)]
  return sql`
    CASE WHEN ${x.sql} IS NULL OR ${y.sql} IS NULL THEN ${x.sql} IS NULL AND ${y.sql} IS NULL
      ELSE ${samePresent(leaves, x, y, relative)} END
  `
}

function present(leaves: Leaves, value: TypedValue): TypedValue {
  return value.type === 'double' ? { ...value, sql: leaves.finite(value.sql) } : value
}

function samePresent(leaves: Leaves, a: TypedValue, b: TypedValue, relative: number): Sql {
  if (a.type !== 'double' && b.type !== 'double') return sql`${a.sql} = ${b.sql}`
  const [x, y] = [leaves.toDouble(a.sql), leaves.toDouble(b.sql)]
  if (isWhole(b.type)) return sql`${x} = ${y}`
  const within = sql`CAST(${sql.lit(relative)} AS DOUBLE) * ABS(${y})`
  return sql`(${x} = ${y} OR ABS(${x} - ${y}) <= ${within})`
}

/** How far two numbers are apart; null where that is no finite number. */
export function distance(leaves: Leaves, a: TypedValue, b: TypedValue): Sql {
  if (!isNumeric(a.type) || !isNumeric(b.type)) return sql`CAST(NULL AS DOUBLE)`
  // Whole numbers are subtracted as such: as doubles, large ones that differ may be the same.
  if (isWhole(a.type) && isWhole(b.type)) {
    const exact = (value: TypedValue): Sql => sql`CAST(${value.sql} AS ${leaves.columnType({ decimal: [38, 0] })})`
    return leaves.toDouble(sql`ABS(${exact(a)} - ${exact(b)})`)
  }
  return leaves.finite(sql`ABS(${leaves.toDouble(a.sql)} - ${leaves.toDouble(b.sql)})`)
}
