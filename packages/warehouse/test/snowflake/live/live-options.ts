import process from 'node:process'
import type { SnowflakeOptions } from '@martlet/warehouse'
import { missingForLive } from './live-variables.ts'

/** How to reach the account of the live suite: a user with a key pair who may create databases. */
export function liveOptions(): SnowflakeOptions {
  if (missingForLive.length > 0) throw new Error(`the live suite needs ${missingForLive.join(', ')}`)
  const value = (name: string): string => process.env[name] ?? ''
  const role = value('SNOWFLAKE_TEST_ROLE')
  return {
    account: value('SNOWFLAKE_TEST_ACCOUNT'),
    warehouse: value('SNOWFLAKE_TEST_WAREHOUSE'),
    ...(role === '' ? {} : { role }),
    auth: {
      type: 'key-pair',
      username: value('SNOWFLAKE_TEST_USER'),
      privateKeyPath: value('SNOWFLAKE_TEST_PRIVATE_KEY_PATH'),
    },
  }
}
