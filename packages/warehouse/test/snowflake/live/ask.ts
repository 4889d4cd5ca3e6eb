import { rowsOf, sql } from '@martlet/warehouse'
import type { Sql, Warehouse } from '@martlet/warehouse'

/** The rows of a query as lists of values; whole numbers are plain. */
export async function rows(warehouse: Warehouse, query: Sql): Promise<readonly (readonly unknown[])[]> {
  return rowsOf(await warehouse.read(query)).map((row) =>
    Object.values(row).map((value) =>
      typeof value === 'bigint' ? Number(value) : value instanceof Date ? value.toISOString() : value,
    ),
  )
}

/** The first value of each row. */
export function column(query: Sql): (warehouse: Warehouse) => Promise<readonly unknown[]> {
  return async (warehouse) => (await rows(warehouse, query)).map(([value]) => value)
}

/** The only value of a query. */
export function value(query: Sql): (warehouse: Warehouse) => Promise<unknown> {
  return async (warehouse) => (await rows(warehouse, query))[0]?.[0]
}

/** The default or the value of an account's or session's parameter. */
export function parameter(name: string, of: 'value' | 'default'): (warehouse: Warehouse) => Promise<unknown> {
  return (warehouse) =>
    warehouse.session(async (session) => {
      await session.run(sql`SHOW PARAMETERS LIKE ${sql.lit(name)} IN SESSION`)
      return value(sql`SELECT ${sql.raw(`"${of}"`)} AS v FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))`)(session)
    })
}
