import { MartletError } from '@martlet/warehouse'

/** The longest key a store must take; `key-codec.ts` hashes what is longer. */
export const MAX_KEY_BYTES = 1024

const TABLE = /^[A-Za-z_.][A-Za-z0-9_.-]{0,127}$/

/** Refuses a table name that some store could not hold. */
export function checkTable(table: string): void {
  if (TABLE.test(table)) return
  throw new MartletError(
    'BAD_ONLINE_TABLE',
    `online table ${JSON.stringify(table)}: use 1 to 128 letters, digits, "_", "-" or ".", and start with a letter, "_" or "."`,
    { data: { table } },
  )
}

/** Refuses a key that some store could not hold. */
export function checkKey(table: string, key: Uint8Array): void {
  if (key.length <= MAX_KEY_BYTES) return
  throw new MartletError(
    'ONLINE_KEY_TOO_LONG',
    `online table ${table}: a key of ${key.length} bytes is longer than ${MAX_KEY_BYTES}: hash it first`,
    { data: { table, bytes: key.length, limit: MAX_KEY_BYTES } },
  )
}
