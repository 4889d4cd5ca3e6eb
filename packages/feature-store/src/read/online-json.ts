import { decimalText, type ColumnType } from '@martlet/warehouse'
import { isNullField, readBigint, readDouble, readInteger, readText, readUnits, scaleOf } from '../online/row-codec.ts'
import type { VectorField } from '../plan/view-plan.ts'
import { storedDefault } from '../vocabulary/algebra/default-value.ts'
import type { Layout } from './online-layouts.ts'
import type { FeatureValue } from './online-vectors.ts'

/**
 * One feature of a stored row as JSON text, `absent` where it is null. Numbers have all their digits, also where a
 * JavaScript number has fewer.
 */
export function fieldJson(layout: Layout, row: Uint8Array, position: number, absent: string): string {
  const field = layout.fields[position]
  if (field === undefined || isNullField(row, field)) return absent
  if (typeof field.type === 'object') return decimalText(readUnits(row, field), scaleOf(field))
  switch (field.type) {
    case 'double': {
      const value = readDouble(row, field)
      return Number.isFinite(value) ? String(value) : 'null'
    }
    case 'integer':
      return String(readInteger(row, field))
    case 'bigint':
      return String(readBigint(row, field))
    case 'boolean':
      return readInteger(row, field) === 1 ? 'true' : 'false'
    case 'text':
      return JSON.stringify(readText(layout.codec, row, field))
    case 'timestamp':
      return timestampJson(readBigint(row, field))
    case 'date':
      return dateJson(readInteger(row, field))
  }
}

/** A value as `OnlineVectors.value` gives it, as JSON text like that of {@link fieldJson}. */
export function valueJson(value: FeatureValue, type: ColumnType): string {
  if (value === null) return 'null'
  if (typeof value === 'bigint') return type === 'timestamp' ? timestampJson(value) : String(value)
  if (typeof value === 'number')
    return type === 'date' ? dateJson(value) : Number.isFinite(value) ? String(value) : 'null'
  // A decimal comes as digits where a JavaScript number has too few.
  if (typeof value === 'string') return typeof type === 'object' ? value : JSON.stringify(value)
  return String(value)
}

/** The default of a field as JSON text; undefined when it has none. */
export function defaultJson({ type, default: given }: Pick<VectorField, 'type' | 'default'>): string | undefined {
  return given === undefined ? undefined : valueJson(storedDefault(given, type), type)
}

const DAY = 86_400_000

/**
 * ISO 8601 with three decimals, or six where microseconds need them, as in `"2026-01-31T09:30:00.000001Z"`. Infinite
 * times are null.
 */
function timestampJson(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n
  const date = new Date(Number((micros - rest) / 1000n))
  if (Number.isNaN(date.getTime())) return 'null'
  const text = date.toISOString()
  return rest === 0n ? `"${text}"` : `"${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z"`
}

function dateJson(days: number): string {
  const date = new Date(days * DAY)
  return Number.isNaN(date.getTime()) ? 'null' : `"${date.toISOString().split('T', 1).join('')}"`
}
