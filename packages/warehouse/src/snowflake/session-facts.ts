import { rowsOf } from '../rows.ts'
import type { Warehouse } from '../warehouse.ts'
import { sql } from '../sql.ts'

/** Where a Snowflake session is; null: the login named none, or one that does not exist or that the role may not use. */
export interface SnowflakePlaces {
  readonly role: string | null
  readonly warehouse: string | null
  readonly database: string | null
  readonly schema: string | null
  /** The version of Snowflake. */
  readonly version: string
}

/** A privilege that the session's role has, itself or through a role granted to it. */
export interface SnowflakePrivilege {
  readonly on: 'database' | 'schema'
  /** In lower case. */
  readonly name: string
  readonly privilege: string
}

/** Where the session of a Snowflake warehouse is; needs no running compute. */
export async function snowflakePlaces(warehouse: Warehouse): Promise<SnowflakePlaces> {
  const [places] = rowsOf<SnowflakePlaces>(
    await warehouse.read(sql`
      SELECT CURRENT_ROLE() AS ${sql.id('role')}, CURRENT_WAREHOUSE() AS ${sql.id('warehouse')},
        CURRENT_DATABASE() AS ${sql.id('database')}, CURRENT_SCHEMA() AS ${sql.id('schema')},
        CURRENT_VERSION() AS ${sql.id('version')}`),
  )
  return places ?? { role: null, warehouse: null, database: null, schema: null, version: '?' }
}

/** The session's time zone, and how many milliseconds Snowflake's clock is ahead of this machine's, less half the round trip. */
export async function snowflakeClock(
  warehouse: Warehouse,
): Promise<{ readonly timeZone: string | null; readonly aheadMillis: number }> {
  const [zone] = rowsOf<{ value: string }>(await warehouse.read(sql`SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION`))
  const asked = Date.now()
  const [clock] = rowsOf<{ now: number }>(
    await warehouse.read(sql`SELECT ${warehouse.leaves.epochMicros(sql`SYSDATE()`)} AS now`),
  )
  const answered = Date.now()
  return {
    timeZone: zone?.value ?? null,
    aheadMillis: Math.round((clock?.now ?? Number.NaN) / 1000 - (asked + answered) / 2),
  }
}

/** What the session's role may do with its database and the schemas in it, as far as the information schema shows. */
export async function snowflakePrivileges(warehouse: Warehouse): Promise<readonly SnowflakePrivilege[]> {
  const found = await warehouse.read(sql`
    SELECT DISTINCT LOWER(p.object_type) AS object_type, LOWER(p.object_name) AS object_name, p.privilege_type
    FROM INFORMATION_SCHEMA.OBJECT_PRIVILEGES AS p JOIN INFORMATION_SCHEMA.ENABLED_ROLES AS r ON r.role_name = p.grantee
    WHERE (p.object_type = 'DATABASE' AND p.object_name = CURRENT_DATABASE())
      OR (p.object_type = 'SCHEMA' AND p.object_catalog = CURRENT_DATABASE())
    ORDER BY 1, 2, 3`)
  return rowsOf<{ object_type: 'database' | 'schema'; object_name: string; privilege_type: string }>(found).map(
    (row) => ({ on: row.object_type, name: row.object_name, privilege: row.privilege_type }),
  )
}
