import { expect } from 'vitest'
import type { DeployObject } from '@martlet/warehouse'
import { checkStatement } from '../snowflake-sql/check-statement.ts'
import { expectAllowed, keepTexts } from '../snowflake-sql/expect-allowed.ts'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'

/**
 * Statements that the parser has no grammar for, with their page of Snowflake's reference. The double's own grammar
 * reads them; `second_opinion.py` lists those that sqlfluff does not read either.
 */
const UNPARSED: Readonly<Record<string, RegExp>> = {
  'sql/alter-database': /^ALTER DATABASE /,
  'sql/create-warehouse': /^CREATE WAREHOUSE /,
  'sql/alter-warehouse': /^ALTER WAREHOUSE /,
  'sql/create-resource-monitor': /^CREATE RESOURCE MONITOR /,
  'sql/alter-resource-monitor': /^ALTER RESOURCE MONITOR /,
  'sql/create-tag': /^CREATE TAG /,
  'sql/create-masking-policy': /^CREATE MASKING POLICY /,
  'sql/alter-masking-policy': /^ALTER MASKING POLICY /,
  'sql/create-row-access-policy': /^CREATE ROW ACCESS POLICY /,
  'sql/alter-row-access-policy': /^ALTER ROW ACCESS POLICY /,
  'sql/alter-table': /^ALTER TABLE \S+ (?:MODIFY COLUMN \S+ SET (?:TAG|MASKING POLICY)|ADD ROW ACCESS POLICY) /,
  'sql/grant-privilege: schema privileges': /^GRANT USAGE, CREATE (?:TABLE|VIEW|SERVICE) ON SCHEMA /,
  'sql/grant-privilege: tasks': /^GRANT MONITOR, OPERATE ON TASK /,
  'sql/create-compute-pool': /^CREATE COMPUTE POOL /,
  'sql/alter-compute-pool': /^ALTER COMPUTE POOL /,
  'sql/create-image-repository, sql/grant-privilege': /^(?:CREATE|GRANT READ(?:, WRITE)? ON) IMAGE REPOSITORY /,
  'sql/create-task, sql/execute-job-service': /^CREATE OR ALTER TASK /,
}

/** What the parser takes for something else: ACCOUNT for the name of a table (sql/grant-privilege). */
const MISREAD = /^GRANT EXECUTE TASK ON ACCOUNT /

/**
 * Fails when a statement holds something that is not on the list of what Snowflake documents, or cannot be parsed without being listed
 * above. Of the whole folder every entry above must be needed.
 */
export function expectReadable(name: string, objects: readonly DeployObject[], whole = true): void {
  const isUnparsed = (text: string): boolean =>
    [MISREAD, ...Object.values(UNPARSED)].some((pattern) => pattern.test(text))
  const texts = objects.map(({ statement }) => snowflakeText(statement))
  expectAllowed(
    `${name}-read`,
    texts.filter((text) => !isUnparsed(text) && !text.startsWith('GRANT ')),
  )
  expectAllowed(
    `${name}-grants`,
    texts.filter((text) => !isUnparsed(text) && text.startsWith('GRANT ')),
  )
  const rest = texts.filter(isUnparsed)
  keepTexts(`${name}-unread`, rest)
  for (const text of rest) expect(checkStatement(text).syntax !== null || MISREAD.test(text), text).toBe(true)
  if (!whole) return
  for (const pattern of Object.values(UNPARSED))
    expect(
      rest.some((text) => pattern.test(text)),
      String(pattern),
    ).toBe(true)
}
