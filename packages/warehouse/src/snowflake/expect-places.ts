import { MartletError } from '../errors.ts'
import type { Warehouse } from '../warehouse.ts'
import type { SnowflakeOptions } from './options.ts'
import { snowflakePlaces } from './session-facts.ts'

/**
 * Checks the database, schema and warehouse of a login, which succeeds even when they do not exist.
 * @throws MartletError WAREHOUSE_OPEN_FAILED when one does not exist, or the role may not use it
 */
export async function expectPlaces(session: Warehouse, options: SnowflakeOptions): Promise<void> {
  const named = (['database', 'schema', 'warehouse'] as const).filter((place) => options[place] !== undefined)
  if (named.length === 0) return
  const places = await snowflakePlaces(session)
  const missing = named.find((place) => places[place] === null)
  if (missing === undefined) return
  const name =
    missing === 'schema' ? `${options.database ?? places.database}.${options.schema}` : String(options[missing])
  throw new MartletError(
    'WAREHOUSE_OPEN_FAILED',
    `Snowflake accepted the login, but there is no ${missing} ${name} that role ${places.role} may use. ` +
      'Check the name and the role, create it, or let the role use it: ' +
      `GRANT USAGE ON ${missing.toUpperCase()} ${name} TO ROLE ${places.role}.`,
    { data: { missing, name, role: places.role } },
  )
}
