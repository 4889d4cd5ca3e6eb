import type { FeatureValue } from '@martlet/feature-store'
import type { ColumnType } from '@martlet/warehouse'
import { isInstant } from '../../desk/features/instant.ts'
import type { JsonBytes } from '../../desk/json/json-bytes.ts'

const MICROS = 1_000_000n
const SECONDS_PER_DAY = 86_400
const MICROS_PER_DAY = 86_400_000_000n

/**
 * Writes a value as Feast's server does; false when it is missing, or is a number or an instant that JSON cannot say.
 * Its clients take the type of each value from the JSON alone, so a double always has a decimal point or an exponent.
 */
export function writeCell(out: JsonBytes, value: FeatureValue, type: ColumnType): boolean {
  if (typeof value === 'number') return writeNumber(out, value, type)
  if (typeof value === 'string') out.string(value)
  else if (typeof value === 'boolean') out.json(value ? 'true' : 'false')
  else if (typeof value === 'bigint' && type !== 'timestamp') out.json(value.toString())
  else if (typeof value === 'bigint' && isInstant(value)) out.json(secondsOf(value).toString())
  else return writeNull(out)
  return true
}

/** Whether `writeCell` writes null. */
export function isMissing(value: FeatureValue, type: ColumnType): boolean {
  if (value === null) return true
  if (typeof value === 'number')
    return !Number.isFinite(value) || (type === 'date' && !isInstant(BigInt(value) * MICROS_PER_DAY))
  return typeof value === 'bigint' && type === 'timestamp' && !isInstant(value)
}

function writeNull(out: JsonBytes): false {
  out.json('null')
  return false
}

function writeNumber(out: JsonBytes, value: number, type: ColumnType): boolean {
  if (isMissing(value, type)) return writeNull(out)
  if (type === 'double') writeDouble(out, value)
  else if (type === 'date') out.json(String(value * SECONDS_PER_DAY))
  else if (typeof type === 'object') out.json(`"${decimalText(value)}"`)
  else out.number(value)
  return true
}

/** JavaScript writes whole doubles without a point, up to 10^21. */
export function writeDouble(out: JsonBytes, value: number): void {
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) out.number(value)
  else out.json(Object.is(value, -0) ? '-0.0' : `${value}.0`)
}

/** The digits of a decimal that came as a number. Small ones would have an exponent, which decimals are not written with. */
function decimalText(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  const [, digits = '', exponent = '0'] = /^-?([\d.]+)e([+-]\d+)$/.exec(text) ?? []
  const places = digits.replace('.', '').length - 1 - Number(exponent)
  return value.toFixed(Math.min(100, Math.max(0, places)))
}

/** Whole seconds since the epoch, rounded down. */
function secondsOf(micros: bigint): bigint {
  return micros >= 0n ? micros / MICROS : (micros - MICROS + 1n) / MICROS
}
