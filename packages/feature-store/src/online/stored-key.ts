import { isWideDecimal, type ColumnType } from '@martlet/warehouse'
import { decimalKey } from './decimal-key.ts'
import { storageOf } from './key-value.ts'
import { temporalKey } from './temporal-key.ts'

/** A key value as the key codec writes it: text, a number, 64 or 128 bits as a bigint, or a boolean. */
export type StoredKey = string | number | bigint | boolean

/**
 * The stored form of a key value, or undefined when a column of this type cannot hold it. This is the only check of
 * key values: whatever passes it is encoded without an error.
 *
 * @example storedKey('date', '2026-02-30') // undefined: there is no such day
 */
export function storedKey(type: ColumnType, value: unknown): StoredKey | undefined {
  if (isWideDecimal(type)) return decimalKey(type, value)
  const storage = storageOf(type)
  switch (storage) {
    case 'text':
      return typeof value === 'string' && value.isWellFormed() ? value : undefined
    case 'integer':
      if (typeof value === 'number') return (value | 0) === value ? value : undefined
      return bigintKey(value, 32)
    case 'bigint':
      if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
      return bigintKey(value, 64)
    case 'double':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'timestamp':
    case 'date':
      return temporalKey(storage, value)
  }
}

function bigintKey(value: unknown, bits: number): bigint | undefined {
  return typeof value === 'bigint' && BigInt.asIntN(bits, value) === value ? value : undefined
}
