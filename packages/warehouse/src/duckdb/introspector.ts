import type {
  ColumnMetadata,
  DatabaseIntrospector,
  DatabaseMetadataOptions,
  Kysely,
  SchemaMetadata,
  TableMetadata,
} from 'kysely'
import { sql } from '../sql.ts'

const KYSELY_TABLES: ReadonlySet<string> = new Set(['kysely_migration', 'kysely_migration_lock'])

interface ColumnRow {
  readonly schema_name: string
  readonly table_name: string
  readonly table_type: string
  readonly column_name: string
  readonly data_type: string
  readonly is_nullable: string
  readonly column_default: string | null
}

/** The schemas, tables and columns of the database, for Kysely. */
export class DuckDbIntrospector implements DatabaseIntrospector {
  readonly #db: Kysely<unknown>

  constructor(db: Kysely<unknown>) {
    this.#db = db
  }

  async getSchemas(): Promise<SchemaMetadata[]> {
    const { rows } = await sql<SchemaMetadata>`
      SELECT schema_name AS name
      FROM information_schema.schemata
      WHERE catalog_name = current_database()
      ORDER BY schema_name
    `.execute(this.#db)
    return rows
  }

  async getTables(options: DatabaseMetadataOptions = { withInternalKyselyTables: false }): Promise<TableMetadata[]> {
    const { rows } = await sql<ColumnRow>`
      SELECT c.table_schema AS schema_name, c.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable, c.column_default
      FROM information_schema.columns AS c
      JOIN information_schema.tables AS t USING (table_catalog, table_schema, table_name)
      WHERE c.table_catalog = current_database()
      ORDER BY c.table_schema, c.table_name, c.ordinal_position
    `.execute(this.#db)
    const tables = new Map<string, TableMetadata>()
    for (const row of rows) {
      if (KYSELY_TABLES.has(row.table_name) && !options.withInternalKyselyTables) continue
      const key = JSON.stringify([row.schema_name, row.table_name])
      const table = tables.get(key) ?? {
        schema: row.schema_name,
        name: row.table_name,
        isView: row.table_type === 'VIEW',
        isForeign: false,
        columns: [],
      }
      table.columns.push(toColumn(row))
      tables.set(key, table)
    }
    return [...tables.values()]
  }
}

function toColumn(row: ColumnRow): ColumnMetadata {
  return {
    name: row.column_name,
    dataType: row.data_type,
    isNullable: row.is_nullable === 'YES',
    isAutoIncrementing: row.column_default?.startsWith('nextval(') ?? false,
    hasDefaultValue: row.column_default !== null,
  }
}
