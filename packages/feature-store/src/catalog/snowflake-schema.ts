import type { Kysely } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import type { SchemaEngine } from './migrate.ts'
import { tableStatement, type AddedColumn, type TableDefinition } from './table-definition.ts'

/**
 * Snowflake does not enforce primary keys, so `openLockedSchema` runs transactions one after another to keep keys
 * unique. It has no triggers either, so only privileges can keep tables append-only.
 */
export const snowflakeSchema: SchemaEngine = {
  transactionalDdl: false,
  createTable,
  addColumn,
  // Snowflake's code for "does not exist or not authorized".
  isMissing: (error) => error instanceof MartletError && error.data['code'] === '002003',
}

async function createTable<Tables>(db: Kysely<Tables>, table: TableDefinition): Promise<void> {
  await tableStatement(db, table).ifNotExists().execute()
}

/** `martlet deploy` may have added it already. */
async function addColumn<Tables>(db: Kysely<Tables>, { table, name, type }: AddedColumn): Promise<void> {
  await db.schema
    .alterTable(table)
    .addColumn(name, type, (column) => column.ifNotExists())
    .execute()
}
