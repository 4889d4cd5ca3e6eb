import { MartletError } from '../errors.ts'
import { rowsOf } from '../rows.ts'
import type { Warehouse } from '../warehouse.ts'
import { sql, type Sql } from '../sql.ts'

/** How Snowflake lists objects that are not in its information schema; those in a schema come with its name. */
const LISTS: Readonly<Record<string, Sql>> = {
  WAREHOUSE: sql`SHOW WAREHOUSES`,
  ROLE: sql`SHOW ROLES`,
  'RESOURCE MONITOR': sql`SHOW RESOURCE MONITORS`,
  'COMPUTE POOL': sql`SHOW COMPUTE POOLS`,
  'IMAGE REPOSITORY': sql`SHOW IMAGE REPOSITORIES`,
  TAG: sql`SHOW TAGS`,
  'MASKING POLICY': sql`SHOW MASKING POLICIES`,
  'ROW ACCESS POLICY': sql`SHOW ROW ACCESS POLICIES`,
  STREAM: sql`SHOW STREAMS`,
  TASK: sql`SHOW TASKS`,
}

/**
 * Which objects of these kinds exist, by key, as far as the role may see. `seen` leaves out kinds that the role may not
 * list: what was deployed of them is taken to exist.
 */
export async function existing(
  warehouse: Warehouse,
  kinds: ReadonlySet<string>,
): Promise<{ readonly keys: ReadonlySet<string>; readonly seen: ReadonlySet<string> }> {
  const keys = new Set<string>()
  const seen = new Set(['SCHEMA', 'TABLE', 'VIEW'])
  for (const name of await names(
    warehouse,
    sql`SELECT schema_name AS name FROM information_schema.schemata WHERE catalog_name = ${currentDatabase(warehouse)}`,
  ))
    keys.add(`SCHEMA ${name}`)
  const tables = rowsOf<{ table_schema: string; table_name: string; table_type: string }>(
    await warehouse.read(
      sql`
        SELECT table_schema, table_name, table_type
        FROM information_schema.tables
        WHERE table_catalog = ${currentDatabase(warehouse)}
      `,
    ),
  )
  for (const { table_schema, table_name, table_type } of tables)
    keys.add(`${table_type === 'VIEW' ? 'VIEW' : 'TABLE'} ${table_schema.toUpperCase()}.${table_name.toUpperCase()}`)
  if (warehouse.engine === 'duckdb') return { keys, seen }
  for (const [kind, list] of Object.entries(LISTS)) {
    if (!kinds.has(kind)) continue
    const rows = await listed(warehouse, list)
    if (rows === undefined) continue
    seen.add(kind)
    for (const { name, schema_name: schema } of rows)
      keys.add(`${kind} ${typeof schema === 'string' ? `${schema}.` : ''}${name}`)
  }
  return { keys, seen }
}

/** The row access policy of a table, or undefined. */
export async function rowAccessPolicy(warehouse: Warehouse, table: string): Promise<string | undefined> {
  const found = await warehouse.read(sql`
    SELECT policy_name
    FROM TABLE(INFORMATION_SCHEMA.POLICY_REFERENCES(
      REF_ENTITY_NAME => ${warehouse.leaves.textLiteral(table)}, REF_ENTITY_DOMAIN => 'TABLE'
    ))
    WHERE policy_kind = 'ROW_ACCESS_POLICY'
  `)
  return rowsOf<{ policy_name: string }>(found)[0]?.policy_name
}

function currentDatabase(warehouse: Warehouse): Sql {
  return warehouse.engine === 'duckdb' ? sql`current_database()` : sql`CURRENT_DATABASE()`
}

async function names(warehouse: Warehouse, query: Sql): Promise<readonly string[]> {
  return rowsOf<{ name: string }>(await warehouse.read(query)).map(({ name }) => name.toUpperCase())
}

// Undefined when the role may not list this kind.
async function listed(
  warehouse: Warehouse,
  list: Sql,
): Promise<readonly { readonly name: string; readonly schema_name?: string }[] | undefined> {
  try {
    return rowsOf<{ name: string; schema_name?: string }>(await warehouse.read(list))
  } catch (error) {
    if (error instanceof MartletError && error.code === 'SQL_FAILED') return undefined
    throw error
  }
}
