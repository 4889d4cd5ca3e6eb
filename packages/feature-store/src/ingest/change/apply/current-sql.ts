import { sql, tableRef, type Leaves, type Sql } from '@martlet/warehouse'
import { AT, names, sameKey, type ChangeTables } from './change-tables.ts'
import { ENDED, SEQ, versions, type Scope } from './versions-sql.ts'

const NEWEST = 'martlet_newest'
const END = 'martlet_end'

/** Makes the rows of a scope those of their newest versions, in one statement. */
export function mergeCurrent(tables: ChangeTables, scope: Scope, leaves: Leaves): Sql {
  const { key, current } = tables
  const written = current.columns.map(({ name }) => name)
  const rest = written.filter((name) => !key.includes(name))
  const differs = rest.map((name) => sql`${sql.id('t', name)} IS DISTINCT FROM ${sql.id('s', name)}`)
  const update =
    rest.length === 0
      ? sql``
      : sql`
          WHEN MATCHED AND (${sql.join(differs, sql` OR `)})
          THEN UPDATE SET ${sql.join(rest.map((name) => sql`${sql.id(name)} = ${sql.id('s', name)}`))}
        `
  // Where deletions are marked, no row of the source is one that ended.
  const remove = current.deleted === null ? sql`WHEN MATCHED AND ${sql.id('s', ENDED)} = 1 THEN DELETE ` : sql``
  return sql`
    MERGE INTO ${tableRef(current.table)} AS t USING (${newestRows(tables, scope, leaves)}) AS s
    ON ${sameKey(key, 't', 's')}
    ${remove}${update}
    WHEN NOT MATCHED AND ${sql.id('s', ENDED)} = 0 THEN INSERT (${names(written)}) VALUES (${names(written, 's')})
  `
}

function newestRows(tables: ChangeTables, scope: Scope, leaves: Leaves): Sql {
  const { key, current } = tables
  const { committed, deleted } = current
  const all = versions(tables, scope, leaves)
  const columns = current.columns.map(({ name }) => {
    if (name === committed) return sql`${sql.id(AT)} AS ${sql.id(name)}`
    if (name !== deleted?.name) return sql.id(name)
    const gone = sql`${sql.id(END)} IS NOT NULL`
    return deleted.type === 'boolean' ? sql`${gone} AS ${sql.id(name)}` : sql`${sql.id(END)} AS ${sql.id(name)}`
  })
  if (deleted === null) {
    const last = sql`ROW_NUMBER() OVER (PARTITION BY ${names(key)} ORDER BY ${sql.id(SEQ)} DESC)`
    return sql`
      SELECT ${sql.join([...columns, sql.id(ENDED)])}
      FROM (SELECT v.*, ${last} AS ${sql.id(NEWEST)} FROM (${all}) AS v) AS n WHERE ${sql.id(NEWEST)} = 1
    `
  }
  // What follows the newest version can only be its end.
  const version = sql`MAX(CASE WHEN ${sql.id(ENDED)} = 0 THEN ${sql.id(SEQ)} END) OVER (PARTITION BY ${names(key)})`
  const end = sql`LEAD(${sql.id(AT)}) OVER (PARTITION BY ${names(key)} ORDER BY ${sql.id(SEQ)})`
  return sql`
    SELECT ${sql.join([...columns, sql.id(ENDED)])}
    FROM (SELECT v.*, ${version} AS ${sql.id(NEWEST)}, ${end} AS ${sql.id(END)} FROM (${all}) AS v) AS n
    WHERE ${sql.id(NEWEST)} = ${sql.id(SEQ)}
  `
}
