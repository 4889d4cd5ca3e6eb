import { storedKey, type KeyValue } from '@martlet/feature-store'
import { isWideDecimal, type ColumnType } from '@martlet/warehouse'
import type { Limits } from '../limits.ts'

/** What a key column expected instead of the value that was sent. */
export interface Expected {
  readonly expected: string
}

export function isExpected(value: KeyValue | Expected): value is Expected {
  return typeof value === 'object' && 'expected' in value
}

/** Turns a JSON value into a key value, or says what was expected. Whether a column can hold it is decided by `storedKey`. */
export function keyValue(type: ColumnType, json: unknown, limits: Limits): KeyValue | Expected {
  if (type === 'text' && typeof json === 'string' && json.length > limits.keyLength)
    return { expected: `at most ${limits.keyLength} characters` }
  const value = type === 'bigint' ? exactInteger(json) : json
  if (isScalar(value) && storedKey(type, value) !== undefined) return value
  return { expected: expectedOf(type, json) }
}

/** A query parameter as the JSON value it stands for. */
export function fromText(type: ColumnType, text: string): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (isWideDecimal(type)) return text
  if (type === 'integer' || type === 'double' || typeof type === 'object')
    return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text
  return text
}

/** Whole numbers beyond 2^53 arrive as strings of digits. */
export function exactInteger(json: unknown): unknown {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  return typeof json === 'string' && /^-?\d{1,19}$/.test(json) ? BigInt(json) : json
}

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return (
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
  )
}

function expectedOf(type: ColumnType, json: unknown): string {
  if (isWideDecimal(type)) {
    const [precision, scale] = type.decimal
    return `a decimal of ${precision} digits, ${scale} of them after the point (beyond 2^53 as a string)`
  }
  switch (type) {
    case 'text':
      return typeof json === 'string' ? 'well-formed Unicode' : 'a string'
    case 'integer':
      return 'a whole number of 32 bits'
    case 'bigint':
      return 'a whole number of 64 bits (beyond 2^53 as a string of digits)'
    case 'boolean':
      return 'true or false'
    case 'timestamp':
      return 'an instant in UTC such as "2026-01-31T09:30:00Z"'
    case 'date':
      return 'a date such as "2026-01-31"'
    default:
      return 'a number'
  }
}
