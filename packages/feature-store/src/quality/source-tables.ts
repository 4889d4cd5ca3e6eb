import {
  MartletError,
  nearestName,
  splitTableName,
  typeText,
  type ColumnSpec,
  type ColumnType,
  type Warehouse,
} from '@martlet/warehouse'
import type { SourceColumn } from '../plan/source-plan.ts'
import type { SourceUse } from '../vocabulary/view-sources.ts'

interface Fault {
  readonly definition: string
  readonly table: string
  readonly column?: string
  readonly says: string
}

/**
 * Compares every table that definitions read with what the warehouse has, and reports everything that does not fit.
 * Columns that no definition declares may be there.
 *
 * @throws MartletError `SOURCE_MISSING`: a table is not there. `SOURCE_MISMATCH`: a column is not there, or is of another kind.
 */
export async function checkSourceTables(warehouse: Warehouse, uses: readonly SourceUse[]): Promise<void> {
  const found = new Map<string, readonly ColumnSpec[] | undefined>()
  for (const { source } of uses)
    if (!found.has(source.table)) found.set(source.table, await warehouse.introspect(source.table))
  const missing = uses.filter(({ source }) => found.get(source.table) === undefined)
  if (missing.length > 0) throw await missingTables(warehouse, missing)
  const lacks = ({ source: { table, columns } }: SourceUse): boolean =>
    columns.some(({ name }) => columnIn(found.get(table) ?? [], name) === undefined)
  const unread = uses.some(lacks) ? await allColumns(warehouse) : () => undefined
  const faults = uses.flatMap((use) =>
    columnFaults(use, found.get(use.source.table) ?? [], (column) => unread(use.source.table, column)),
  )
  if (faults.length > 0) {
    const said = faults.map(({ definition, says }) => `${definition} ${says}`).join('; ')
    throw new MartletError(
      'SOURCE_MISMATCH',
      `${said}${said.endsWith('?') ? '' : '.'} Correct the definition, or the table.`,
      { data: { faults } },
    )
  }
}

async function missingTables(warehouse: Warehouse, missing: readonly SourceUse[]): Promise<MartletError> {
  const tables = (await warehouse.db.introspection.getTables()).map(({ schema, name }) =>
    schema === undefined ? name : `${schema}.${name}`,
  )
  const faults = missing.map(({ definition, source: { table } }): Fault => {
    const near = nearestName(table, tables)
    return {
      definition,
      table,
      says: `reads ${table}, which the warehouse does not have${near === undefined ? '' : ` (it has ${near})`}`,
    }
  })
  const [first] = faults
  return new MartletError(
    'SOURCE_MISSING',
    `${faults.map(({ definition, says }) => `${definition} ${says}`).join('; ')}; create it, or correct the name in the definition.`,
    {
      data: { ...(first === undefined ? {} : { table: first.table, definition: first.definition }), faults },
    },
  )
}

/** The engine's own name for the type of a column, of whatever type; undefined when there is no such column. */
async function allColumns(warehouse: Warehouse): Promise<(table: string, column: string) => string | undefined> {
  const tables = await warehouse.db.introspection.getTables()
  return (table, column) => {
    const parts = splitTableName(table).map((part) => part.toLowerCase())
    const [name, schema] = [parts.at(-1), parts.at(-2)]
    const found = tables.filter(
      (other) => other.name.toLowerCase() === name && (schema === undefined || other.schema?.toLowerCase() === schema),
    )
    return columnIn(
      found.flatMap(({ columns }) => columns),
      column,
    )?.dataType
  }
}

/** Engines fold the case of names differently, so names that differ only by case are one name. */
function columnIn<Column extends { readonly name: string }>(
  columns: readonly Column[],
  name: string,
): Column | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
}

function columnFaults(
  { definition, source: { table, columns } }: SourceUse,
  there: readonly ColumnSpec[],
  unread: (column: string) => string | undefined,
): readonly Fault[] {
  return columns.flatMap((column): readonly Fault[] => {
    const has = columnIn(there, column.name)
    const fault = { definition, table, column: column.name }
    if (has === undefined)
      return [
        {
          ...fault,
          says: missingColumn(
            table,
            column,
            there.map(({ name }) => name),
            unread(column.name),
          ),
        },
      ]
    return fits(column.type, has.type)
      ? []
      : [
          {
            ...fault,
            says: `declares ${column.name} of ${table} as ${typeText(column.type)}, but there it is ${typeText(has.type)}`,
          },
        ]
  })
}

function missingColumn(
  table: string,
  { name, type }: SourceColumn,
  there: readonly string[],
  unread: string | undefined,
): string {
  if (unread !== undefined)
    return `declares column ${name} (${typeText(type)}), which ${table} has as ${unread}, not as a type Martlet reads`
  const near = nearestName(name, there)
  const hint = near === undefined ? `it has ${there.join(', ')}` : `did you mean ${near}?`
  return `declares column ${name} (${typeText(type)}), which ${table} does not have; ${hint}`
}

/**
 * What may be cast on the way in without a loss that nobody sees: whole numbers in doubles are a quality check of
 * their own.
 */
function fits(declared: ColumnType, there: ColumnType): boolean {
  return kind(declared) === kind(there) || (declared === 'timestamp' && there === 'date')
}

function kind(type: ColumnType): string {
  return type === 'integer' || type === 'bigint' || type === 'double' || typeof type !== 'string' ? 'number' : type
}
