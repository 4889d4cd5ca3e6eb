import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { expect } from 'vitest'
import { checkStatement } from './check-statement.ts'

/** Where to keep the statements for other parsers: `MARTLET_SNOWFLAKE_TEXTS=<folder> npx vitest run snowflake-sql`. */
const folder = process.env['MARTLET_SNOWFLAKE_TEXTS']

/**
 * Fails when a statement does not parse or holds something that is not on the list, and says in which statement.
 * Statements that differ only by the numbers of temporary tables are one.
 */
export function expectAllowed(name: string, texts: readonly string[]): void {
  const different = [
    ...new Set(
      texts.map((text) => text.replaceAll(/MARTLET_\d+/g, 'MARTLET_1').replaceAll(/_[0-9A-F]{12}\b/g, '_000000000000')),
    ),
  ]
  expect(different.length, 'statements to look at').toBeGreaterThan(0)
  keepTexts(name, different)
  const wrong = new Map<string, string>()
  for (const text of different) {
    const { syntax, refused } = checkStatement(text)
    for (const problem of syntax === null ? refused : [syntax]) if (!wrong.has(problem)) wrong.set(problem, text)
  }
  expect(Object.fromEntries(wrong), `${different.length} statements of ${name}`).toEqual({})
}

/** Keeps statements for other parsers, where a folder for them is named. */
export function keepTexts(name: string, texts: readonly string[]): void {
  if (folder === undefined || folder === '') return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(texts, null, 1)}\n`)
}
