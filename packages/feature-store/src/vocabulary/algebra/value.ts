import { decimalNumber, decimalUnits, decimalValue, type ColumnType } from '@martlet/warehouse'
import { isWhole } from './expression-type.ts'

/**
 * A value as expressions are evaluated with it: whole numbers and units of a decimal's last digit as bigint, times as
 * microseconds, dates as those of their midnight.
 */
export type Value = bigint | number | string | boolean | null

/** What online rows give: times as microseconds, dates as days, a decimal as a number or as its digits. */
type Stored = number | bigint | string | boolean | null

const DAY = 86_400_000_000n

/** A value of an online row, to be evaluated with. */
export function valueOf(stored: Stored, type: ColumnType): Value {
  if (stored === null) return null
  if (typeof type === 'object') return unitsOf(stored, type.decimal[1])
  if (type === 'date' && typeof stored === 'number') return BigInt(stored) * DAY
  return isWhole(type) && typeof stored === 'number' ? BigInt(stored) : stored
}

/** A value as an online row has it; null for a number that is not finite. */
export function storedOf(value: Value, type: ColumnType): Stored {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null
    return type === 'bigint' ? BigInt(value) : value
  }
  if (typeof value !== 'bigint') return value
  if (typeof type === 'object') return decimalValue(value, type.decimal[1])
  if (type === 'date') return Number((value - (((value % DAY) + DAY) % DAY)) / DAY)
  return type === 'integer' ? Number(value) : value
}

/** A number of a type as the nearest double. */
export function doubleOf(value: Value, type: ColumnType | undefined): Value {
  if (typeof value !== 'bigint') return value
  return typeof type === 'object' ? decimalNumber(value, type.decimal[1]) : Number(value)
}

/** Digits after the point of an exact number. */
export function scaleOf(type: ColumnType | undefined): number {
  return typeof type === 'object' ? type.decimal[1] : 0
}

function unitsOf(stored: Exclude<Stored, null>, scale: number): Value {
  if (typeof stored === 'bigint') return stored
  const text = String(stored)
  // Where a number prints with an exponent, all of its decimals are zeros up to its few digits.
  return decimalUnits(typeof stored === 'number' && text.includes('e') ? stored.toFixed(scale) : text, scale) ?? null
}

/** The order of two values of one type that are not null: NaN is the greatest number, texts go by code points. */
export function order(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
  if (a === b) return 0
  if (typeof a === 'string' && typeof b === 'string') return textOrder(a, b)
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

function textOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** The halves of characters beyond the first plane come after all others, as those characters do. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit > 0xdfff ? unit - 0x800 : unit + 0x2000
}
