import { MartletError } from '@martlet/warehouse'
import { createTables } from './create-tables.ts'
import type { RegistryDb, StoreDialect } from './store-dialect.ts'

const SCHEMA = 'registry'

/**
 * Snowflake: tables in the schema `registry`, on a Kysely of `openLockedSchema` (the `db` of a catalog on Snowflake is one). A lock
 * makes transactions run one after the other, so versions and aliases are unique although Snowflake enforces no keys. Privileges
 * ensure that the log of moves only grows and that versions are never deleted: Snowflake has no triggers.
 */
export const snowflakeStore: StoreDialect = {
  place: (db) => db.withSchema(SCHEMA),
  // A role that may only read and write the tables must not need the right to create them.
  async ensure(db) {
    if (await isThere(db)) return
    await db.schema.createSchema(SCHEMA).ifNotExists().execute()
    await createTables(db)
  },
  exclusive: (db, work) => db.transaction().execute(work),
}

/** Whether the table that is created last exists. */
async function isThere(db: RegistryDb): Promise<boolean> {
  try {
    await db.selectFrom('rollout_evidence').select('step').where('step', '<', 0).execute()
    return true
  } catch (error) {
    // Snowflake's "does not exist or not authorized".
    if (error instanceof MartletError && error.data['code'] === '002003') return false
    throw error
  }
}
