import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { DimensionPlan } from '../../plan/source-plan.ts'
import { keyColumns, type Frame } from '../algebra/frame.ts'
import { scanKeyed } from './scan.ts'
import { onlyRows, ownedByKeys, ownedByNumber, validSteps, type OwnedRows } from './validity.ts'

/** The name of a column that {@link joinAttributes} adds; two underscores in a row stand in no name of a feature. */
export function attributeName(alias: string, column: string): string {
  return `${alias}__of_${column}`
}

/** The name of the column that says whether the dimension has the entity. */
export function validName(alias: string): string {
  return `${alias}__valid`
}

/**
 * Joins `rows` (with `e` and `t`) to the dimension row that holds at t. Adds `columns` as `attributeName`, all from
 * that row, and `validName`, true where the dimension has the entity at t.
 */
export function joinAttributes(
  frame: Frame,
  rows: Sql,
  dimension: DimensionPlan,
  columns: readonly string[],
  alias: string,
): Sql {
  const owned = ownedByNumber(frame, dimension)
  return joinOwned(frame.leaves, { rows, owner: sql`r.e`, owned, dimension, columns, alias })
}

/**
 * As {@link joinAttributes}, of the entity whose one key is in column `key` of the rows: nothing where that is null.
 */
export function joinForeign(
  leaves: Leaves,
  rows: Sql,
  { key, dimension, columns, alias }: Omit<OwnedJoin, 'rows' | 'owner' | 'owned'> & { readonly key: string },
): Sql {
  const owned = ownedByKeys(leaves, dimension)
  return joinOwned(leaves, { rows, owner: sql.id('r', key), owned, dimension, columns, alias })
}

interface OwnedJoin {
  readonly rows: Sql
  /** What tells whose row it is, of the rows. */
  readonly owner: Sql
  readonly owned: OwnedRows
  readonly dimension: DimensionPlan
  readonly columns: readonly string[]
  readonly alias: string
}

function joinOwned(leaves: Leaves, { rows, owner, owned, dimension, columns, alias }: OwnedJoin): Sql {
  const valid = sql.id(validName(alias))
  const picked = columns.map((column) => ({ column, name: attributeName(alias, column) }))
  const [its = sql`e`] = owned.owner
  if (dimension.validFrom === null) {
    const values = picked.map(({ name }) => sql.id('a', name))
    const list = sql.join([sql`r.*`, ...values, sql`a.${its} IS NOT NULL AS ${valid}`])
    return sql`SELECT ${list} FROM (${rows}) r LEFT JOIN (${onlyRows(owned, dimension, picked)}) a ON a.${its} = ${owner}`
  }
  const joined = leaves.asofJoin({
    left: sql`(${rows}) r`,
    right: sql`(${validSteps(owned, dimension, picked)}) a`,
    on: [[owner, sql`a.${its}`]],
    match: { left: sql`r.t`, operator: '>=', right: sql`a.since` },
  })
  // An engine may match a key that is null with any row; a number never is.
  const matched = owned.alias === 'd' ? sql`${owner} IS NOT NULL AND a.since IS NOT NULL` : sql`a.since IS NOT NULL`
  const open = sql`(${matched} AND (a.until IS NULL OR r.t < a.until))`
  const values = picked.map(({ name }) => sql`CASE WHEN ${open} THEN ${sql.id('a', name)} END AS ${sql.id(name)}`)
  return sql`SELECT ${sql.join([sql`r.*`, ...values, sql`${open} AS ${valid}`])} FROM ${joined}`
}

/** The distinct keys of a dimension. */
export function dimensionKeys(frame: Frame, dimension: DimensionPlan): Sql {
  const keys = keyColumns(frame)
  const present = keys.map((key) => sql`${sql.id(key)} IS NOT NULL`)
  return sql`
    SELECT DISTINCT ${sql.join(keys.map((key) => sql.id(key)))}
    FROM (${scanKeyed(frame.leaves, dimension, frame.entity, [])}) d
    WHERE ${sql.join(present, sql` AND `)}
  `
}
