import type { CreateTableBuilder, Kysely } from 'kysely'

type ColumnType = 'text' | 'integer' | 'double precision'

/** A table of the catalog. All engines have its columns and key; each prints and enforces what it can of the rest. */
export interface TableDefinition {
  readonly name: string
  /** A type with `!` means NOT NULL. */
  readonly columns: Readonly<Record<string, ColumnType | `${ColumnType}!`>>
  readonly key?: readonly string[]
  /** A foreign key. */
  readonly reference?: { readonly column: string; readonly table: string; readonly key: string; readonly name: string }
  readonly index?: { readonly name: string; readonly columns: readonly string[] }
  /** Rows are never changed or deleted. */
  readonly appendOnly?: boolean
}

/** A column that is added to a table. Rows that are there have no value for it, so it may be null. */
export interface AddedColumn {
  readonly table: string
  readonly name: string
  readonly type: ColumnType
}

/** CREATE TABLE with the columns and the primary key. */
export function tableStatement<Tables>(db: Kysely<Tables>, table: TableDefinition): CreateTableBuilder<string, string> {
  let built: CreateTableBuilder<string, string> = db.schema.createTable(table.name)
  for (const [name, type] of Object.entries(table.columns)) {
    const plain: ColumnType =
      type === 'text!' || type === 'text'
        ? 'text'
        : type === 'integer!' || type === 'integer'
          ? 'integer'
          : 'double precision'
    built = built.addColumn(name, plain, (column) => (type.endsWith('!') ? column.notNull() : column))
  }
  const { key } = table
  return key === undefined ? built : built.addPrimaryKeyConstraint(`${table.name}_key`, [...key])
}
