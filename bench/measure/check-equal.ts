import { rowsOf, sql, type Sql, type Warehouse } from '@martlet/warehouse'

export interface Compared {
  readonly what: string
  readonly left: Sql
  readonly right: Sql
  /** Columns of the same name on both sides. */
  readonly keys: readonly string[]
  readonly columns: readonly { readonly left: string; readonly right: string }[]
  /** Whether null and 0 are the same: an empty window is null for SQL's SUM. @default false */
  readonly nullIsZero?: boolean
}

/**
 * Refuses results that differ by more than 1e-9 of the value (of 1, for smaller ones) or in their number of rows:
 * times of different work compare nothing.
 */
export async function checkEqual(warehouse: Warehouse, compared: Compared): Promise<void> {
  const { what, left, right, keys, columns, nullIsZero = false } = compared
  const on = sql.join(
    keys.map((key) => sql`${sql.id('l', key)} = ${sql.id('r', key)}`),
    sql` AND `,
  )
  const differences = columns.map(({ left: a, right: b }) => {
    const [x, y] = [sql.id('l', a), sql.id('r', b)].map((value) => (nullIsZero ? sql`COALESCE(${value}, 0)` : value))
    const far = sql`ABS(${x} - ${y}) > 1e-9 * GREATEST(1, ABS(${y}))`
    return sql`COUNT(*) FILTER (WHERE ${far} OR (${x} IS NULL) <> (${y} IS NULL) OR isnan(CAST(${x} AS DOUBLE))) AS ${sql.id(a)}`
  })
  const [counts] = rowsOf<{ l: number; r: number; both: number }>(
    await warehouse.read(sql`
      SELECT (SELECT COUNT(*) FROM ${left} l) AS l, (SELECT COUNT(*) FROM ${right} r) AS r,
        (SELECT COUNT(*) FROM ${left} l WHERE EXISTS (SELECT 1 FROM ${right} r WHERE ${on})) AS "both"
    `),
  )
  if (counts === undefined || counts.l !== counts.r || counts.l !== counts.both || counts.l === 0)
    throw new Error(`${what}: ${counts?.l} rows against ${counts?.r}, of which ${counts?.both} have a partner.`)
  const [wrong = {}] = rowsOf<Record<string, number>>(
    await warehouse.read(sql`SELECT ${sql.join(differences)} FROM ${left} l JOIN ${right} r ON ${on}`),
  )
  const bad = Object.entries(wrong).filter(([, count]) => count !== 0)
  if (bad.length > 0)
    throw new Error(`${what} differs: ${bad.map(([name, count]) => `${name} in ${count} rows`).join(', ')}.`)
}
