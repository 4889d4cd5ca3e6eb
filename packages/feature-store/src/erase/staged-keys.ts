import {
  columnBatch,
  ensureTable,
  sql,
  tableRef,
  temporaryTableName,
  type ColumnBatch,
  type ColumnInput,
  type ColumnType,
  type Leaves,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import type { KeyValue } from '../online/key-value.ts'
import { temporalKey } from '../online/temporal-key.ts'
import { canonical, type ErasedKeys } from './erased-keys.ts'

/** The keys of an erasure in a temporary table of one session. */
export interface StagedKeys {
  /**
   * True for rows of `alias` with one of the keys; `columns` are the names of the key columns there, in the entity's
   * order.
   */
  matching(alias: string, columns: readonly string[]): Sql
}

export async function stageKeys(session: Warehouse, { entity, rows }: ErasedKeys): Promise<StagedKeys> {
  const table = temporaryTableName('erased_keys')
  const columns = entity.keys.map(({ type }, index) => ({ name: `k${index}`, type: storedAs(type), key: type }))
  await ensureTable(session, { table, columns: columns.map(({ name, type }) => ({ name, type })), temporary: true })
  const input = entity.keys.map(
    ({ name, type }, index) =>
      [
        `k${index}`,
        inputOf(
          type,
          rows.map((row) => row[name]),
        ),
      ] as const,
  )
  await session.append(table, columnBatch(Object.fromEntries(input)))
  return {
    matching(alias, names) {
      const same = columns.map(
        ({ name, key }, index) => sql`${sql.id(alias, names[index] ?? '')} = ${keyColumn(session.leaves, name, key)}`,
      )
      return sql`EXISTS (SELECT 1 FROM ${tableRef(table)} erased WHERE ${sql.join(same, sql` AND `)})`
    },
  }
}

/** Decimals are staged as text, which holds all their digits. */
function storedAs(type: ColumnType): ColumnType {
  return typeof type === 'string' ? type : 'text'
}

function keyColumn(leaves: Leaves, name: string, type: ColumnType): Sql {
  const column = sql.id('erased', name)
  return typeof type === 'string' ? column : sql`CAST(${column} AS ${leaves.columnType(type)})`
}

/** The keys as columns under their own names; decimals are texts. */
export function keyBatch({ entity, rows }: ErasedKeys): ColumnBatch {
  return columnBatch(
    Object.fromEntries(
      entity.keys.map(({ name, type }) => [
        name,
        inputOf(
          type,
          rows.map((row) => row[name]),
        ),
      ]),
    ),
  )
}

function inputOf(type: ColumnType, values: readonly (KeyValue | undefined)[]): ColumnInput {
  const texts = values.map((value) => canonical(type, value) ?? '')
  switch (type) {
    case 'boolean':
      return { type, values: texts.map((text) => text === 'true') }
    case 'integer':
    case 'double':
      return { type, values: texts.map(Number) }
    case 'bigint':
      return { type, values: texts.map(BigInt) }
    case 'timestamp':
      return { type, values: values.map((value) => temporalKey('timestamp', value) ?? 0n) }
    case 'date':
      return { type, values: texts.map(Number) }
    default:
      return { type: 'text', values: texts }
  }
}
