import { hash } from 'node:crypto'
import { decimalText, type ColumnType } from '@martlet/warehouse'
import type { Value } from '../vocabulary/algebra/value.ts'

/** Ids are keys of online stores, whose keys are short. */
const LONGEST = 200

/**
 * The id of an event as text: the value of its only column, or a JSON array of several. Equal values give equal ids, however
 * an event wrote them. Long ones are their SHA-256.
 */
export function eventId(values: readonly Value[], types: readonly ColumnType[]): string {
  const texts = values.map((value, index) => textOf(value, types[index] ?? 'text'))
  const text = texts.length === 1 ? (texts[0] ?? '') : JSON.stringify(texts)
  return text.length <= LONGEST && Buffer.byteLength(text) <= LONGEST ? text : `sha256:${hash('sha256', text, 'hex')}`
}

/** The id of an event that is not valid: of its bytes. */
export function rejectedId(body: Uint8Array): string {
  return `rejected:${hash('sha256', body, 'hex')}`
}

function textOf(value: Value, type: ColumnType): string {
  if (typeof value === 'bigint' && typeof type === 'object') return decimalText(value, type.decimal[1])
  // 0 and -0 are one number.
  return String(value === 0 ? 0 : value)
}
