import { sql } from '@martlet/warehouse'
import type { Leaves, Sql, Warehouse } from '@martlet/warehouse'

type AsofJoin = Parameters<Leaves['asofJoin']>[0]

let joins = 0

/**
 * An ASOF join for engines that have none: both sides' times in one list, the nearest right time carried over to each left one
 * (LAST_VALUE IGNORE NULLS), and a plain join to the row of that time. Like the leaf, it wants one right row for each key and time.
 */
export function portableAsofJoin(leaves: Leaves, { left, right, on, match }: AsofJoin): Sql {
  const alias = `portable_asof_${++joins}`
  const backwards = match.operator === '<=' || match.operator === '<'
  // With equality the right row of the same time comes before the left one, so that it counts.
  const leftLast = match.operator.length === 2
  const direction = backwards ? sql`DESC` : sql`ASC`
  const names = on.map((_, index) => sql.id(`k${index}`))
  const list = (...columns: readonly Sql[]): Sql => sql.join([...names, ...columns])
  const partition = names.length === 0 ? sql`` : sql`PARTITION BY ${sql.join(names)} `
  const over = sql`${partition}ORDER BY us ${direction} NULLS LAST, side ASC NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW`
  const named = (sides: readonly Sql[]): readonly Sql[] =>
    sides.map((one, index) => sql`${one} AS ${sql.id(`k${index}`)}`)
  const leftColumns = [
    ...named(on.map(([one]) => one)),
    sql`${match.left} AS us`,
    sql`${sql.lit(leftLast ? 1 : 0)} AS side`,
    sql`TRUE AS is_left`,
    sql`NULL AS seen`,
  ]
  const rightColumns = [
    ...named(on.map(([, one]) => one)),
    sql`${match.right} AS us`,
    sql`${sql.lit(leftLast ? 0 : 1)} AS side`,
    sql`FALSE AS is_left`,
    sql`${match.right} AS seen`,
  ]
  const leftRows = sql`SELECT ${sql.join(leftColumns)} FROM ${left}`
  const rightRows = sql`SELECT ${sql.join(rightColumns)} FROM ${right} WHERE ${match.right} IS NOT NULL`
  const carried = sql`SELECT ${list(sql`us`, sql`is_left`, sql`${leaves.lastPresent(sql`seen`, over)} AS found`)}
    FROM (${rightRows} UNION ALL ${leftRows}) AS both_sides`
  const matched = sql`SELECT DISTINCT ${list(sql`us`, sql`found`)} FROM (${carried}) AS carried WHERE is_left AND us IS NOT NULL`
  const found = (column: string): Sql => sql.id(alias, column)
  const sameLeft = [
    ...on.map(([one], index) => sql`${one} = ${found(`k${index}`)}`),
    sql`${match.left} = ${found('us')}`,
  ]
  const sameRight = [
    ...on.map(([, one], index) => sql`${one} = ${found(`k${index}`)}`),
    sql`${match.right} = ${found('found')}`,
  ]
  return sql`${left} LEFT JOIN (${matched}) AS ${sql.id(alias)} ON ${sql.join(sameLeft, sql` AND `)} LEFT JOIN ${right}
    ON ${sql.join(sameRight, sql` AND `)}`
}

/** The same warehouse, whose leaf for ASOF joins prints the portable form. */
export function withPortableAsof(inner: Warehouse): Warehouse {
  return {
    engine: inner.engine,
    leaves: { ...inner.leaves, asofJoin: (join) => portableAsofJoin(inner.leaves, join) },
    db: inner.db,
    compile: (statement) => inner.compile(statement),
    read: (query, options) => inner.read(query, options),
    stream: (query, options) => inner.stream(query, options),
    run: (statement, options) => inner.run(statement, options),
    append: (table, batch) => inner.append(table, batch),
    introspect: (table) => inner.introspect(table),
    session: (work) => inner.session((session) => work(withPortableAsof(session))),
    transaction: (work) => inner.transaction((transaction) => work(withPortableAsof(transaction))),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}
