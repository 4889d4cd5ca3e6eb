import { columnBatch, type ColumnBatch, type ColumnInput, type ColumnType } from '@martlet/warehouse'
import type { SourceColumn } from '../../plan/source-plan.ts'
import type { Value } from '../../vocabulary/algebra/value.ts'
import type { TypedEvent } from '../event-reader.ts'

const DAY = 86_400_000_000n

/** Typed events as a batch of columns. */
export function typedBatch(columns: readonly SourceColumn[], events: readonly TypedEvent[]): ColumnBatch {
  return columnBatch(
    Object.fromEntries(
      columns.map(({ name, type }, place) => [
        name,
        inputOf(
          type,
          events.map(({ values }) => values[place] ?? null),
        ),
      ]),
    ),
  )
}

/** The reader of events has checked that values are of their columns' types. */
function inputOf(type: ColumnType, values: readonly Value[]): ColumnInput {
  if (typeof type === 'object') return { type, values: values.map(wholeOf) }
  switch (type) {
    case 'text':
      return { type, values: values.map((value) => (typeof value === 'string' ? value : null)) }
    case 'boolean':
      return { type, values: values.map((value) => (typeof value === 'boolean' ? value : null)) }
    case 'integer':
    case 'double':
      return { type, values: values.map((value) => (value === null ? null : Number(value))) }
    case 'bigint':
    case 'timestamp':
      return { type, values: values.map(wholeOf) }
    case 'date':
      return {
        type,
        values: values.map((value) => (typeof value === 'bigint' ? Number(value / DAY) : null)),
      }
  }
}

function wholeOf(value: Value): bigint | null {
  return typeof value === 'bigint' ? value : null
}
