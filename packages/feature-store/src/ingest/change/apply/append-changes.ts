import { columnBatch, type ColumnInput, type ColumnType, type Warehouse } from '@martlet/warehouse'
import type { Value } from '../../../vocabulary/algebra/value.ts'
import type { Change } from '../change.ts'
import { AT, logColumns, OP, ORDER, POSITION, UNCHANGED, type ChangeTables } from './change-tables.ts'

/** A change, and the position of the raw row that it was read from. */
export interface PlacedChange extends Change {
  readonly position: bigint
}

/** Appends changes to the log of a source, column by column. */
export async function appendChanges(
  warehouse: Warehouse,
  tables: ChangeTables,
  changes: readonly PlacedChange[],
): Promise<void> {
  if (changes.length === 0) return
  const { key, columns, log } = tables
  const own: Record<string, ColumnInput> = {
    [POSITION]: { type: 'bigint', values: changes.map(({ position }) => position) },
    [ORDER]: { type: 'text', values: changes.map(({ order }) => order) },
    [OP]: { type: 'text', values: changes.map(({ op }) => op) },
    [AT]: { type: 'timestamp', values: changes.map(({ at }) => at) },
    [UNCHANGED]: {
      type: 'text',
      values: changes.map(({ unchanged }) =>
        unchanged.length === 0 ? null : `,${unchanged.map((index) => columns[index]?.name).join(',,')},`,
      ),
    },
  }
  for (const { name, type } of logColumns(tables).slice(Object.keys(own).length)) {
    const index = columns.findIndex((column) => column.name === name)
    const part = key.indexOf(name)
    const values = changes.map((change) => (part < 0 ? change.values?.[index] : change.key[part]) ?? null)
    own[name] = inputOf(type, values)
  }
  await warehouse.append(log, columnBatch(own))
}

const DAY = 86_400_000_000n

/** Values as columns take them; a date is the microseconds of its midnight. */
export function inputOf(type: ColumnType, values: readonly Value[]): ColumnInput {
  const whole = (value: Value): bigint | null => (typeof value === 'bigint' ? value : null)
  if (typeof type === 'object') return { type, values: values.map(whole) }
  switch (type) {
    case 'text':
      return { type, values: values.map((value) => (typeof value === 'string' ? value : null)) }
    case 'boolean':
      return { type, values: values.map((value) => (typeof value === 'boolean' ? value : null)) }
    case 'double':
      return { type, values: values.map((value) => (typeof value === 'number' ? value : null)) }
    case 'integer':
      return { type, values: values.map((value) => (typeof value === 'bigint' ? Number(value) : null)) }
    case 'bigint':
    case 'timestamp':
      return { type, values: values.map(whole) }
    case 'date':
      return { type, values: values.map((value) => (typeof value === 'bigint' ? Number(value / DAY) : null)) }
  }
}
