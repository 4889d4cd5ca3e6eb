import { generateKeyPairSync } from 'node:crypto'
import { openSnowflake } from '@martlet/warehouse'
import type { SnowflakeOptions, Warehouse } from '@martlet/warehouse'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export const auth: SnowflakeOptions['auth'] = { type: 'key-pair', username: 'TESTER', privateKey: pem }

/** A warehouse on a double, which may run in another process, through the real SDK. */
export function openDouble(
  double: { readonly url: string },
  options: Partial<SnowflakeOptions> = {},
): Promise<Warehouse> {
  return openSnowflake({
    account: 'double',
    accessUrl: double.url,
    database: 'MARTLET',
    schema: 'PUBLIC',
    auth,
    ...options,
  })
}
