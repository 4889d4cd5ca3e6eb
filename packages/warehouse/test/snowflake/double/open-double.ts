import { generateKeyPairSync } from 'node:crypto'
import { openSnowflake } from '@martlet/warehouse'
import type { SnowflakeOptions, Warehouse } from '@martlet/warehouse'

let pem: string | undefined

export const auth: SnowflakeOptions['auth'] = {
  type: 'key-pair',
  username: 'TESTER',
  // Made when it is asked for: most of those who import this have no double, and it takes longer than their tests.
  get privateKey() {
    pem ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
    return pem
  },
}

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
