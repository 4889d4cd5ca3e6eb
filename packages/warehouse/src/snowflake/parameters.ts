import { MartletError } from '../errors.ts'

const WHOLE = 'NUMBER(19, 0)'
const WIDE = 'NUMBER(38, 0)'
const WIDE_LIMIT = 10n ** 38n

/**
 * The text of a parameter. Values travel as text, because the SDK guesses types from them and loses NaN and bigints, so the
 * statement says the type: whole numbers are NUMBER(19, 0), other numbers DOUBLE, a Date is TIMESTAMP_NTZ in UTC.
 */
export function placeholder(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return isWhole(value) ? `CAST(? AS ${WHOLE})` : 'CAST(? AS DOUBLE)'
    case 'bigint':
      return `CAST(? AS ${BigInt.asIntN(64, value) === value ? WHOLE : WIDE})`
    case 'boolean':
      return 'CAST(? AS BOOLEAN)'
    case 'object':
      return value instanceof Date ? `CAST(TO_TIMESTAMP_NTZ(CAST(? AS ${WHOLE}), 6) AS TIMESTAMP_NTZ(6))` : '?'
    case 'string':
    case 'undefined':
    case 'function':
    case 'symbol':
      break
  }
  return '?'
}

/**
 * The values as the text that is sent.
 * @throws MartletError PARAMETER_INVALID when one is not a SQL value
 */
export function bindTexts(parameters: readonly unknown[]): (string | null)[] {
  return parameters.map((value, index) => bindText(value, index + 1))
}

/** A double that reads back as exactly this one. */
export function doubleText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf'
}

function bindText(value: unknown, position: number): string | null {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return doubleText(value)
    case 'bigint':
      if (value > -WIDE_LIMIT && value < WIDE_LIMIT) return String(value)
      throw unbindable(position, `the integer ${value} has more than 38 digits`)
    case 'boolean':
      return String(value)
    case 'object':
      if (value === null) return null
      if (value instanceof Date) {
        if (Number.isNaN(value.getTime())) throw unbindable(position, 'it is an invalid Date')
        return String(BigInt(value.getTime()) * 1000n)
      }
      throw unbindable(position, `a ${value.constructor?.name ?? 'object'} is not a SQL value`)
    case 'undefined':
    case 'function':
    case 'symbol':
      break
  }
  throw unbindable(position, `${typeof value} is not a SQL value`)
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

function unbindable(position: number, why: string): MartletError {
  return new MartletError(
    'PARAMETER_INVALID',
    `Parameter ${position} cannot be bound: ${why}. Pass a string, number, bigint, boolean, Date or null.`,
    { data: { position } },
  )
}
