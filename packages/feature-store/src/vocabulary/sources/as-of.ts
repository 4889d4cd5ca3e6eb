import { sql, type Sql } from '@martlet/warehouse'
import type { DimensionPlan } from '../../plan/source-plan.ts'
import { keyColumns, type Frame } from '../algebra/frame.ts'
import { scanKeyed } from './scan.ts'
import { onlyRows, ownedByNumber, validSteps } from './validity.ts'

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
  const valid = sql.id(validName(alias))
  const picked = columns.map((column) => ({ column, name: attributeName(alias, column) }))
  if (dimension.validFrom === null) {
    const values = picked.map(({ name }) => sql.id('a', name))
    const list = sql.join([sql`r.*`, ...values, sql`a.e IS NOT NULL AS ${valid}`])
    return sql`SELECT ${list} FROM (${rows}) r LEFT JOIN (${onlyRows(ownedByNumber(frame, dimension), dimension, picked)}) a ON a.e = r.e`
  }
  const joined = frame.leaves.asofJoin({
    left: sql`(${rows}) r`,
    right: sql`(${validSteps(ownedByNumber(frame, dimension), dimension, picked)}) a`,
    on: [[sql`r.e`, sql`a.e`]],
    match: { left: sql`r.t`, operator: '>=', right: sql`a.since` },
  })
  const open = sql`(a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until))`
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
