import type { Kysely } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import type { SchemaEngine } from './migrate.ts'
import { tableStatement, type TableDefinition } from './table-definition.ts'

/**
 * Snowflake takes primary keys and does not enforce them: that each key is there once rests on transactions that come one after the
 * other (`openLockedSchema`). It has no triggers either: that tables only grow rests on privileges.
 */
export const snowflakeSchema: SchemaEngine = {
  transactionalDdl: false,
  createTable,
  // "does not exist or not authorized"
  isMissing: (error) => error instanceof MartletError && error.data['code'] === '002003',
}

async function createTable<Tables>(db: Kysely<Tables>, table: TableDefinition): Promise<void> {
  await tableStatement(db, table).ifNotExists().execute()
}
