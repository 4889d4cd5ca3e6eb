import { randomBytes } from 'node:crypto'
import { MartletError } from '@martlet/warehouse'

/** A table that was never cleared has no generation key. */
export const FIRST_GENERATION = '0'

const TIME = 8
const PREFIX = /^[A-Za-z0-9_.:/-]{0,64}$/

/**
 * Names of keys: `<prefix>{<table>}` holds the table's generation, `<prefix>{<table>}:<generation>:<key>` a row.
 * The braces put a table into one slot of a cluster. Clearing gives the table a new generation, so that all rows
 * vanish at once.
 */
export interface Layout {
  generationKey(table: string): string
  /** The start of all row keys of a generation. */
  rowPrefix(table: string, generation: string): string
  /** The glob of all rows of a table. */
  allRows(table: string): string
}

export function layout(prefix: string): Layout {
  // No glob characters and no braces, which would move the slot.
  if (!PREFIX.test(prefix)) {
    throw new MartletError(
      'BAD_ONLINE_PREFIX',
      `${JSON.stringify(prefix)} is not a prefix. Use up to 64 letters, digits, "_", ".", ":", "/" or "-".`,
      { data: { prefix } },
    )
  }
  return {
    generationKey: (table) => `${prefix}{${table}}`,
    rowPrefix: (table, generation) => `${prefix}{${table}}:${generation}:`,
    allRows: (table) => `${prefix}{${table}}:*`,
  }
}

/** Random rather than counted: a generation key that was lost cannot bring old rows back. */
export function newGeneration(): string {
  return randomBytes(9).toString('base64url')
}

export function rowKey(prefix: Buffer, key: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefix.length + key.length)
  bytes.set(prefix, 0)
  bytes.set(key, prefix.length)
  return bytes
}

/** As stored: 8 bytes of time, signed and big-endian, then the value. */
export function storedBytes(time: bigint, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(TIME + value.length)
  bytes.writeBigInt64BE(time, 0)
  bytes.set(value, TIME)
  return bytes
}

export function storedRow(bytes: Buffer): { readonly time: bigint; readonly value: Uint8Array } {
  return { time: bytes.readBigInt64BE(0), value: bytes.subarray(TIME) }
}
