import { sql, tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import { AT, names, OP, ORDER, POSITION, sameKey, UNCHANGED, valueNames, type ChangeTables } from './change-tables.ts'

/** What has to be computed again. */
export interface Scope {
  /** Only rows with a change after this position of the log; null: all. */
  readonly since: bigint | null
  /** The columns that some change lacks because they did not change. */
  readonly unchanged: readonly string[]
  /** Whether the table was ever truncated. */
  readonly truncated: boolean
}

export const SEQ = 'martlet_seq'
export const ENDED = 'martlet_ended'
/** Whether a version has every value that its table must have. */
const WHOLE = 'martlet_whole'
const PLACE = 'martlet_place'
const known = (index: number): string => `martlet_known_${index}`

/** The keys of a scope. */
export function keysOf({ log, key }: ChangeTables, { since }: Scope): Sql {
  const after = since === null ? sql`` : sql` AND ${sql.id(POSITION)} > ${sql.lit(since)}`
  return sql`SELECT DISTINCT ${names(key)} FROM ${tableRef(log)} WHERE ${sql.id(OP)} <> 't'${after}`
}

/**
 * The versions of the rows of a scope and their ends, in the order of the database's log, whatever the order in which they
 * arrived and however often: `(key, values, _at, martlet_seq, martlet_ended)`. What a version lacks because it did not change
 * is taken from the one before.
 */
export function versions(tables: ChangeTables, scope: Scope, leaves: Leaves): Sql {
  const { key, columns } = tables
  const values = valueNames(tables)
  const order = [sql.id(OP), sql.id(AT), sql.id(UNCHANGED), ...values.map((name) => sql.id(name))].map(
    (column) => sql`${column} DESC NULLS LAST`,
  )
  const first = sql`
    ROW_NUMBER() OVER (PARTITION BY ${names(key)}, ${sql.id(ORDER)} ORDER BY ${sql.join(order)}) AS ${sql.id(PLACE)}
  `
  const once = sql`SELECT e.*, ${first} FROM (${events(tables, scope, leaves)}) AS e`
  const ended = sql`CASE WHEN ${sql.id(OP)} IN ('d', 't') THEN 1 ELSE 0 END`
  const numbered = sql`
    SELECT o.*, ROW_NUMBER() OVER (PARTITION BY ${names(key)} ORDER BY ${sql.id(ORDER)}) AS ${sql.id(SEQ)},
      ${ended} AS ${sql.id(ENDED)}
    FROM (${once}) AS o WHERE ${sql.id(PLACE)} = 1
  `
  if (scope.unchanged.length === 0) return numbered
  const before = scope.unchanged.map((name, index) => {
    const isThere = sql`(${sql.id(UNCHANGED)} IS NULL OR NOT ${leaves.matches(sql.id(UNCHANGED), `,${literal(name)},`)})`
    const has = sql`CASE WHEN ${sql.id(ENDED)} = 0 AND ${isThere} THEN ${sql.id(SEQ)} END`
    return sql`
      MAX(${has}) OVER (
        PARTITION BY ${names(key)} ORDER BY ${sql.id(SEQ)} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS ${sql.id(known(index))}
    `
  })
  const resolved = values.map((name) => {
    const index = scope.unchanged.indexOf(name)
    if (index < 0) return sql.id(name)
    // The first row of such a group is the one that has the value.
    return sql`
      FIRST_VALUE(${sql.id(name)}) OVER (
        PARTITION BY ${names(key)}, ${sql.id(known(index))} ORDER BY ${sql.id(SEQ)}
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS ${sql.id(name)}
    `
  })
  const lacking = scope.unchanged.flatMap((name, index) =>
    columns.some((column) => column.name === name && !column.nullable) ? [sql`${sql.id(known(index))} IS NULL`] : [],
  )
  const whole =
    lacking.length === 0
      ? sql`1`
      : sql`CASE WHEN ${sql.id(ENDED)} = 0 AND (${sql.join(lacking, sql` OR `)}) THEN 0 ELSE 1 END`
  const own = [sql.id(AT), sql.id(SEQ), sql.id(ENDED), ...resolved, sql`${whole} AS ${sql.id(WHOLE)}`]
  return sql`
    SELECT * FROM (
      SELECT ${names(key)}, ${sql.join(own)} FROM (SELECT n.*, ${sql.join(before)} FROM (${numbered}) AS n) AS b
    ) AS r WHERE ${sql.id(WHOLE)} = 1
  `
}

/** A name as a pattern that only it matches. */
function literal(name: string): string {
  return name.replace(/[^\w]/g, (character) => `[${character}]`)
}

/** Changes of the rows of a scope; a truncation is the end of each of them. */
function events(tables: ChangeTables, scope: Scope, { columnType }: Leaves): Sql {
  const { log, key, columns } = tables
  const values = valueNames(tables)
  const own = [...key, ORDER, OP, AT, UNCHANGED, ...values]
  const changes =
    scope.since === null
      ? sql`SELECT ${names(own, 'c')} FROM ${tableRef(log)} AS c WHERE ${sql.id('c', OP)} <> 't'`
      : sql`
          SELECT ${names(own, 'c')} FROM ${tableRef(log)} AS c
          JOIN (${keysOf(tables, scope)}) AS k ON ${sameKey(key, 'k', 'c')} WHERE ${sql.id('c', OP)} <> 't'
        `
  if (!scope.truncated) return changes
  const none = values.map((name) => {
    const type = columns.find((column) => column.name === name)?.type ?? 'text'
    return sql`CAST(NULL AS ${columnType(type)}) AS ${sql.id(name)}`
  })
  const truncation = [
    names(key, 'k'),
    sql.id('t', ORDER),
    sql`'t' AS ${sql.id(OP)}`,
    sql.id('t', AT),
    sql`CAST(NULL AS ${columnType('text')}) AS ${sql.id(UNCHANGED)}`,
    ...none,
  ]
  return sql`
    ${changes} UNION ALL
    SELECT ${sql.join(truncation)} FROM (${keysOf(tables, scope)}) AS k
    CROSS JOIN (SELECT ${names([ORDER, AT])} FROM ${tableRef(log)} WHERE ${sql.id(OP)} = 't') AS t
  `
}
