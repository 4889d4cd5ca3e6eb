import { isWideDecimal, MartletError, type ColumnType } from '@martlet/warehouse'

/** What a caller may give for a key column. */
export type KeyValue = string | number | bigint | boolean | Date

export interface KeyColumn {
  readonly name: string
  readonly type: ColumnType
}

const EXPECTED: Readonly<Record<string, string>> = {
  text: 'text',
  integer: 'an integer of 32 bits',
  bigint: 'an integer of 64 bits',
  double: 'a finite number',
  boolean: 'a boolean',
  timestamp: 'a timestamp (a Date, microseconds as bigint, or text like 2026-01-31T09:30:00Z)',
  date: 'a date (a Date at midnight UTC, or text like 2026-01-31)',
}

/** The name of a column type as stored: decimals are doubles. */
export function storageOf(type: ColumnType): Exclude<ColumnType, object> {
  return typeof type === 'string' ? type : 'double'
}

/**
 * How the values of a key column come in a batch: as stored, but as text where doubles could not tell two of them
 * apart.
 */
export function keyStorageOf(type: ColumnType): Exclude<ColumnType, object> {
  return isWideDecimal(type) ? 'text' : storageOf(type)
}

function expectedOf(type: ColumnType): string {
  if (!isWideDecimal(type)) return EXPECTED[storageOf(type)] ?? 'a key'
  const [precision, scale] = type.decimal
  const given = `a bigint, text like ${scale === 0 ? '123' : '123.4'}, or a number up to 2^53`
  return `a decimal of ${precision} digits, ${scale} of them behind the point (${given})`
}

/** The error for a key column whose value cannot be used. The value itself stays out of it: keys may be personal. */
export function badKey(column: KeyColumn, value: unknown): MartletError {
  const got =
    value === null
      ? 'null'
      : value instanceof Date
        ? Number.isNaN(value.getTime())
          ? 'an invalid Date'
          : 'Date'
        : typeof value
  const expected = expectedOf(column.type)
  const sameKind =
    (typeof value === 'number' || typeof value === 'bigint') &&
    ['integer', 'bigint', 'double'].includes(storageOf(column.type))
  const message =
    value === undefined
      ? `${column.name} is missing; it must be ${expected}`
      : sameKind
        ? `${column.name} must be ${expected}, got ${String(value)}`
        : typeof value === 'string'
          ? `${column.name} must be ${expected}, got ${isText(column.type) ? 'text with a lone surrogate' : 'other text'}`
          : `${column.name} must be ${expected}, got ${got}`
  return new MartletError('BAD_ENTITY_KEY', message, {
    data: { column: column.name, expected, got: value === undefined ? 'nothing' : got },
  })
}

function isText(type: ColumnType): boolean {
  return keyStorageOf(type) === 'text' && !isWideDecimal(type)
}
