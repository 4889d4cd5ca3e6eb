import {
  decimalText,
  decimalUnits,
  isWideDecimal,
  sql,
  type ColumnType,
  type Leaves,
  type Sql,
} from '@martlet/warehouse'
import { integer } from './integer.ts'
import type { KeptValue } from '../../plan/kept-value.ts'
import { restored } from './kept-value.ts'
import { storedOf, type Value } from './value.ts'

/** The years 1 to 9999 (µs), which are those that a warehouse's times are read in. */
const OLDEST = -62_135_596_800_000_000n
const NEWEST = 253_402_300_800_000_000n

/** What a user gives for a value of a type; undefined when it is not one. */
export function givenValue(type: ColumnType, given: unknown): Exclude<Value, null> | undefined {
  if (typeof type === 'object') return givenDecimal(type.decimal, given)
  switch (type) {
    case 'text':
      return typeof given === 'string' && given.isWellFormed() ? given : undefined
    case 'boolean':
      return typeof given === 'boolean' ? given : undefined
    case 'double':
      return typeof given === 'number' && Number.isFinite(given) ? given : undefined
    case 'integer':
      return Number.isInteger(given) && Number(given) === (Number(given) | 0) ? BigInt(Number(given)) : undefined
    case 'bigint':
      return givenWhole(given)
    case 'timestamp':
      return given instanceof Date && !Number.isNaN(given.getTime())
        ? withinYears(BigInt(given.getTime()) * 1000n)
        : undefined
    case 'date': {
      if (typeof given !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(given)) return undefined
      const midnight = new Date(`${given}T00:00:00Z`)
      return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(given)
        ? withinYears(BigInt(midnight.getTime()) * 1000n)
        : undefined
    }
  }
}

/** What {@link givenValue} takes for a type, in words. */
export function givenWords(type: ColumnType): string {
  if (typeof type === 'object') {
    const [precision, scale] = type.decimal
    const beyond = isWideDecimal(type) ? ' (beyond 2^53 as text)' : ''
    return `a decimal of ${precision} digits, ${scale} of them after the point${beyond}`
  }
  return WORDS[type]
}

const WORDS = {
  text: 'a well-formed text',
  boolean: 'true or false',
  double: 'a finite number',
  integer: 'a whole number of 32 bits',
  bigint: 'a whole number (beyond 2^53 as a bigint)',
  timestamp: 'a Date in the years 1 to 9999',
  date: "a date like '2026-01-31'",
} satisfies Readonly<Record<Exclude<ColumnType, object>, string>>

function givenDecimal([precision, scale]: readonly [number, number], given: unknown): bigint | undefined {
  if (typeof given !== 'number' && typeof given !== 'string' && typeof given !== 'bigint') return undefined
  const units = decimalUnits(String(given), scale)
  const limit = 10n ** BigInt(precision)
  return units === undefined || units <= -limit || units >= limit ? undefined : units
}

function givenWhole(given: unknown): bigint | undefined {
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : undefined
  return typeof given === 'bigint' && BigInt.asIntN(64, given) === given ? given : undefined
}

function withinYears(micros: bigint): bigint | undefined {
  return micros >= OLDEST && micros < NEWEST ? micros : undefined
}

/** The default of a feature as online rows would have it. */
export function storedDefault(given: KeptValue, type: ColumnType): ReturnType<typeof storedOf> {
  return storedOf(restored(given, type), type)
}

/** A value, and where it is null the default. */
export function orDefault(leaves: Leaves, value: Sql, given: KeptValue | undefined, type: ColumnType): Sql {
  return given === undefined ? value : sql`COALESCE(${value}, ${defaultSql(leaves, restored(given, type), type)})`
}

function defaultSql(leaves: Leaves, value: Value, type: ColumnType): Sql {
  const as = leaves.columnType(type)
  if (typeof value === 'boolean') return value ? sql`TRUE` : sql`FALSE`
  if (typeof value === 'string') return sql`CAST(${leaves.textLiteral(value)} AS ${as})`
  if (typeof value === 'number') return sql`CAST(${sql.lit(value)} AS ${as})`
  if (value === null) return sql`NULL`
  if (type === 'timestamp') return leaves.timestamp(value)
  if (type === 'date') return sql`CAST(${leaves.timestamp(value)} AS ${as})`
  if (typeof type === 'object') return sql`CAST(${leaves.textLiteral(decimalText(value, type.decimal[1]))} AS ${as})`
  return sql`CAST(${integer(value)} AS ${as})`
}

/** A default in words: `0`, `"none"`, `2026-01-31`. */
export function defaultText(given: KeptValue, type: ColumnType): string {
  const value = restored(given, type)
  if (typeof type === 'object' && typeof value === 'bigint') return decimalText(value, type.decimal[1])
  if (typeof value === 'bigint' && (type === 'timestamp' || type === 'date')) {
    const text = new Date(Number(value / 1000n)).toISOString()
    return type === 'date' ? text.slice(0, 10) : text
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
