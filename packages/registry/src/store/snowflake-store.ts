import { MartletError } from '@martlet/warehouse'
import { createTables } from './create-tables.ts'
import type { RegistryDb, StoreDialect } from './store-dialect.ts'

const SCHEMA = 'registry'

/**
 * Snowflake: tables in the schema `registry`, on a Kysely of `openLockedSchema` (the `db` of a catalog on Snowflake is one). Transactions come one after the other by a
 * lock, so that versions and aliases are there once although Snowflake enforces no keys. That the log of moves only grows, and that
 * versions are never deleted, rests on privileges: Snowflake has no triggers.
 */
export const snowflakeStore: StoreDialect = {
  place: (db) => db.withSchema(SCHEMA),
  // Whoever may only read and write the tables must not be asked for the right to make them.
  async ensure(db) {
    if (await isThere(db)) return
    await db.schema.createSchema(SCHEMA).ifNotExists().execute()
    await createTables(db)
  },
  exclusive: (db, work) => db.transaction().execute(work),
}

/** Asks the table that is made last. */
async function isThere(db: RegistryDb): Promise<boolean> {
  try {
    await db.selectFrom('model_alias_moves').select('sequence').where('sequence', '<', 0).execute()
    return true
  } catch (error) {
    // "does not exist or not authorized"
    if (error instanceof MartletError && error.data['code'] === '002003') return false
    throw error
  }
}
