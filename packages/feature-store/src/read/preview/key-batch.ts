import { columnBatch, MartletError, type ColumnBatch, type ColumnInput, type ColumnType } from '@martlet/warehouse'
import { badKey, type KeyValue } from '../../online/key-value.ts'
import { storedKey, type StoredKey } from '../../online/stored-key.ts'
import type { EntityPlan } from '../../plan/source-plan.ts'

/**
 * The keys as columns, and one moment beside each.
 * @throws MartletError BAD_KEY when a key lacks a column, is not of its type, or stands there twice
 */
export function keyBatch(
  entity: EntityPlan,
  keys: readonly Readonly<Record<string, KeyValue>>[],
  time: string,
  at: bigint,
): ColumnBatch {
  if (keys.length === 0) throw new MartletError('BAD_KEY', 'There is no key. Name at least one entity.')
  const values = entity.keys.map((column) =>
    keys.map((key) => {
      const value = storedKey(column.type, key[column.name])
      if (value === undefined) throw badKey(column, key[column.name])
      return value
    }),
  )
  const seen = new Set(keys.map((_, row) => JSON.stringify(values.map((column) => String(column[row])))))
  if (seen.size < keys.length) throw new MartletError('BAD_KEY', 'A key stands there twice. Give each entity once.')
  const columns = entity.keys.map(({ name, type }, i) => [name, inputOf(type, values[i] ?? [])] as const)
  return columnBatch({
    ...Object.fromEntries(columns),
    [time]: { type: 'timestamp', values: keys.map(() => at) },
  })
}

function inputOf(type: ColumnType, values: readonly StoredKey[]): ColumnInput {
  if (typeof type === 'object') return { type, values: values.map(String) }
  switch (type) {
    case 'text':
      return { type, values: values.map(String) }
    case 'boolean':
      return { type, values: values.map((value) => value === true) }
    case 'bigint':
    case 'timestamp':
      return {
        type,
        values: values.map((value) => BigInt(Number.isSafeInteger(value) ? Number(value) : String(value))),
      }
    default:
      return { type, values: values.map(Number) }
  }
}
