import { generateKeyPairSync } from 'node:crypto'
import { SnowflakeDouble } from '../../../warehouse/test/snowflake/double/double.ts'

/** A private key as a user would have it, in a file of its own. */
export const privateKey: string = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** The `warehouse` of a configuration that reaches a double. The account is named by the environment variable MARTLET_TEST_ACCOUNT. */
export function warehouseText(
  double: SnowflakeDouble,
  changes: Readonly<Record<string, string | number>> = {},
): string {
  const auth = { type: 'key-pair', username: 'TESTER', privateKeyPath: 'key.p8' }
  return JSON.stringify({
    snowflake: {
      accountFrom: 'MARTLET_TEST_ACCOUNT',
      accessUrl: double.url,
      database: 'MARTLET',
      warehouse: 'SMALL',
      auth,
      ...changes,
    },
  })
}

export { SnowflakeDouble }
