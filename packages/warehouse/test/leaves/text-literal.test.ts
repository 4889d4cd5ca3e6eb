import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDuckDb, snowflakeLeaves } from '../../src/index.ts'
import { snowflakeText } from '../snowflake-sql/snowflake-texts.ts'

test('any text comes back as it was, quotes, backslashes and placeholders included', async () => {
  await using warehouse = await openDuckDb()
  const text = fc.string({ unit: fc.constantFrom("'", '"', '\\', '$1', '?', ';', '--', 'a', 'é', '\n') })
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const { columns } = await warehouse.read(sql`SELECT ${warehouse.leaves.textLiteral(value)} AS value`)
      expect(columns[0]?.values[0]).toBe(value)
    }),
  )
})

test('Snowflake gets backslashes and quotes doubled, in every literal', () => {
  expect(snowflakeText(snowflakeLeaves.textLiteral("it's \\n"))).toBe("'it''s \\\\n'")
  expect(snowflakeText(sql`${sql.lit("it's \\n")}`)).toBe("'it''s \\\\n'")
})
