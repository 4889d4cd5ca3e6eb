import { decimalNumber, type ColumnType } from '@martlet/warehouse'
import type { Value } from '../../../vocabulary/algebra/value.ts'
import { dateText, instantText, timeText } from './instants.ts'
import type { Meaning } from './meaning.ts'
import { decimalOfText } from './numbers.ts'

const DAY = 86_400_000_000n

/** What a column cannot take, and what it can. */
export interface Misfit {
  readonly expected: string
}

export function isMisfit(value: Value | Misfit): value is Misfit {
  return typeof value === 'object' && value !== null
}

/**
 * A meaning as a value of a column, with every digit that it has, or what was expected instead. What is infinite or not a
 * number is null: it is no instant and no number of a warehouse.
 */
export function toColumn(meaning: Meaning, type: ColumnType): Value | Misfit {
  if (meaning.is === 'nothing' || meaning.is === 'unchanged') return null
  if (meaning.is === 'wrong') return { expected: meaning.expected }
  if (typeof type === 'object') return toDecimal(meaning, type.decimal)
  switch (type) {
    case 'text':
      return toText(meaning)
    case 'boolean':
      return toBoolean(meaning)
    case 'integer':
      return toWhole(meaning, 32)
    case 'bigint':
      return toWhole(meaning, 64)
    case 'double':
      return toDouble(meaning)
    case 'timestamp':
      return toInstant(meaning)
    case 'date':
      return toDate(meaning)
  }
}

type Present = Exclude<Meaning, { is: 'nothing' | 'unchanged' | 'wrong' }>

function toText(meaning: Present): Value | Misfit {
  switch (meaning.is) {
    case 'text':
      return meaning.value.isWellFormed() ? meaning.value : { expected: 'well-formed text' }
    case 'decimal':
      return fixedText(meaning.units, meaning.scale)
    case 'instant':
      return instantText(meaning.micros)
    case 'date':
      return dateText(meaning.days)
    case 'time':
      return timeText(meaning.micros)
    case 'infinite':
      return meaning.sign > 0 ? 'infinity' : '-infinity'
    case 'not a number':
      return 'NaN'
    case 'bits':
      return meaning.value.toString(2).padStart(meaning.length, '0')
    case 'boolean':
    case 'whole':
    case 'double':
      return String(meaning.value)
  }
}

/** All digits of a decimal, also zeros at its end: it had them in the database. */
function fixedText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale === 0 ? '' : `.${digits.slice(point)}`}`
}

function toBoolean(meaning: Present): Value | Misfit {
  if (meaning.is === 'boolean') return meaning.value
  if ((meaning.is === 'whole' || meaning.is === 'bits') && (meaning.value === 0n || meaning.value === 1n))
    return meaning.value === 1n
  return { expected: 'true or false' }
}

function toWhole(meaning: Present, bits: 32 | 64): Value | Misfit {
  const value = wholeOfMeaning(meaning)
  if (value !== undefined && BigInt.asIntN(bits, value) === value) return value
  return { expected: `a whole number of ${bits} bits` }
}

function wholeOfMeaning(meaning: Present): bigint | undefined {
  switch (meaning.is) {
    case 'whole':
    case 'bits':
      return meaning.value
    case 'boolean':
      return meaning.value ? 1n : 0n
    case 'time':
      return meaning.micros
    case 'double':
      return Number.isInteger(meaning.value) ? BigInt(meaning.value) : undefined
    case 'decimal': {
      const one = 10n ** BigInt(meaning.scale)
      return meaning.units % one === 0n ? meaning.units / one : undefined
    }
    case 'text':
    case 'date':
    case 'instant':
    case 'infinite':
    case 'not a number':
      return undefined
  }
}

function toDouble(meaning: Present): Value | Misfit {
  switch (meaning.is) {
    case 'double':
      return Number.isFinite(meaning.value) ? meaning.value : null
    case 'not a number':
      return null
    case 'whole':
    case 'bits':
      return Number(meaning.value)
    case 'decimal':
      return decimalNumber(meaning.units, meaning.scale)
    case 'boolean':
    case 'text':
    case 'date':
    case 'instant':
    case 'time':
    case 'infinite':
      return { expected: 'a number' }
  }
}

function toDecimal(meaning: Present, [precision, scale]: readonly [number, number]): Value | Misfit {
  const expected = { expected: `a decimal of ${precision} digits, ${scale} of them after the point` }
  const given = decimalOfMeaning(meaning)
  if (given === undefined) return expected
  if (given.is === 'not a number') return null
  if (given.is !== 'decimal') return expected
  const limit = 10n ** BigInt(precision)
  const shift = scale - given.scale
  if (shift < 0 && given.units % 10n ** BigInt(-shift) !== 0n) return expected
  const units = shift < 0 ? given.units / 10n ** BigInt(-shift) : given.units * 10n ** BigInt(shift)
  return units > -limit && units < limit ? units : expected
}

function decimalOfMeaning(meaning: Present): Meaning | undefined {
  switch (meaning.is) {
    case 'decimal':
    case 'not a number':
      return meaning
    case 'whole':
      return { is: 'decimal', units: meaning.value, scale: 0 }
    case 'text':
      return decimalOfText(meaning.value)
    case 'double':
      return Number.isFinite(meaning.value) ? decimalOfText(String(meaning.value)) : { is: 'not a number' }
    case 'boolean':
    case 'bits':
    case 'date':
    case 'instant':
    case 'time':
    case 'infinite':
      return undefined
  }
}

function toInstant(meaning: Present): Value | Misfit {
  if (meaning.is === 'instant') return meaning.micros
  if (meaning.is === 'infinite') return null
  return meaning.is === 'date' ? meaning.days * DAY : { expected: 'an instant' }
}

/** A date as microseconds of its midnight, which is how values are calculated with. */
function toDate(meaning: Present): Value | Misfit {
  if (meaning.is === 'date') return meaning.days * DAY
  if (meaning.is === 'infinite') return null
  return meaning.is === 'instant' && meaning.micros % DAY === 0n ? meaning.micros : { expected: 'a date' }
}
