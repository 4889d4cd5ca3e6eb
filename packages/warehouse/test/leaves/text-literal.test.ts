import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDuckDb, snowflakeLeaves } from '../../src/index.ts'

test('any text comes back as it was, quotes, backslashes and placeholders included', async () => {
  await using warehouse = await openDuckDb()
  const text = fc.string({ unit: fc.constantFrom("'", '"', '\\', '$1', '?', ';', '--', 'a', 'é', '\n') })
  await fc.assert(fc.asyncProperty(text, async (value) => {
    const { columns } = await warehouse.read(sql`SELECT ${warehouse.leaves.textLiteral(value)} AS value`)
    expect(columns[0]?.values[0]).toBe(value)
  }))
})

test('Snowflake gets backslashes and quotes doubled', async () => {
  await using warehouse = await openDuckDb()
  expect(warehouse.compile(snowflakeLeaves.textLiteral("it's \\n")).sql).toBe("'it''s \\\\n'")
})
