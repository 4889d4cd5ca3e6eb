import type { Kysely } from 'kysely'
import { sql } from '@martlet/warehouse'
import type { SchemaEngine } from './migrate.ts'
import { tableStatement, type TableDefinition } from './table-definition.ts'

/** SQLite enforces keys and references itself; triggers keep append-only tables from being changed. */
export const sqliteSchema: SchemaEngine = {
  transactionalDdl: true,
  createTable,
  addColumn: async (db, { table, name, type }) => db.schema.alterTable(table).addColumn(name, type).execute(),
  isMissing: (error) => error instanceof Error && error.message.startsWith('no such table'),
}

async function createTable<Tables>(db: Kysely<Tables>, table: TableDefinition): Promise<void> {
  const { name, reference, index } = table
  const plain = tableStatement(db, table).ifNotExists()
  await (
    reference === undefined
      ? plain
      : plain.addForeignKeyConstraint(reference.name, [reference.column], reference.table, [reference.key])
  ).execute()
  if (index !== undefined)
    await db.schema
      .createIndex(index.name)
      .ifNotExists()
      .on(name)
      .columns([...index.columns])
      .execute()
  if (table.appendOnly !== true) return
  for (const action of ['update', 'delete'] as const) {
    const trigger = sql`
      CREATE TRIGGER IF NOT EXISTS ${sql.id(`${name}_no_${action}`)} BEFORE ${sql.raw(action)} ON ${sql.id(name)}
      BEGIN SELECT RAISE(ABORT, ${sql.lit(`${name} is append-only`)}); END
    `
    await trigger.execute(db)
  }
}
