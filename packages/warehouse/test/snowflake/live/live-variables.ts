import process from 'node:process'

const NEEDED = [
  'SNOWFLAKE_TEST_ACCOUNT',
  'SNOWFLAKE_TEST_USER',
  'SNOWFLAKE_TEST_PRIVATE_KEY_PATH',
  'SNOWFLAKE_TEST_WAREHOUSE',
] as const

/** Which of the variables that the live suite needs are not set. */
export const missingForLive: readonly string[] = NEEDED.filter((name) => (process.env[name] ?? '') === '')
