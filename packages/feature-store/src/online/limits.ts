import { MartletError } from '@martlet/warehouse'

/** The longest key a store must take; `key-codec.ts` hashes what is longer. */
export const MAX_KEY_BYTES = 1024

const TABLE = /^[A-Za-z_.][A-Za-z0-9_.-]{0,127}$/

/** Refuses a table name that some store could not hold. */
export function checkTable(table: string): void {
  if (TABLE.test(table)) return
  throw new MartletError(
    'BAD_ONLINE_TABLE',
    `${JSON.stringify(table)} is not a name for an online table. ` +
      'Use 1 to 128 letters, digits, "_", "-" or ".", and start with a letter, "_" or ".".',
    { data: { table } },
  )
}

/** Refuses a key that some store could not hold. */
export function checkKey(table: string, key: Uint8Array): void {
  if (key.length <= MAX_KEY_BYTES) return
  throw new MartletError(
    'ONLINE_KEY_TOO_LONG',
    `A key of ${key.length} bytes is too long for online table ${table}, which takes ${MAX_KEY_BYTES}. Hash it first.`,
    { data: { table, bytes: key.length, limit: MAX_KEY_BYTES } },
  )
}
