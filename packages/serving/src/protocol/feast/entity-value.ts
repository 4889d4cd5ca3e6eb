import { isInstant, isoInstant } from '../../desk/features/instant.ts'
import { fromText } from '../../desk/features/key-value.ts'
import type { ColumnType } from '@martlet/warehouse'

const MICROS = 1_000_000n
const DAY = 86_400

/**
 * The JSON value that Martlet takes for what Feast's clients send: instants and days as seconds since the epoch, and numbers
 * as text. Whatever cannot be meant stays as it is, to be refused under its own name.
 */
export function entityValue(type: ColumnType, value: unknown): unknown {
  if (type === 'timestamp' || type === 'date') return fromSeconds(type, value)
  // `7.0` and `"7"` are 7 to Feast.
  if (typeof value === 'string' && (type === 'integer' || type === 'double')) return fromText(type, value)
  if (typeof value === 'bigint') return fromWide(type, value)
  return value
}

/** A number that is no such second becomes its text, which is neither an instant nor a day. */
function fromSeconds(type: 'timestamp' | 'date', value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const micros = Number.isSafeInteger(value) ? BigInt(value) * MICROS : undefined
  if (micros === undefined || !isInstant(micros)) return String(value)
  if (type === 'timestamp') return isoInstant(micros)
  return Number(value) % DAY === 0 ? isoInstant(micros).slice(0, 10) : String(value)
}

/** A whole number beyond 2^53, of which every digit has arrived. */
function fromWide(type: ColumnType, value: bigint): unknown {
  if (type === 'double') return Number(value)
  return typeof type === 'object' ? value.toString() : value
}
