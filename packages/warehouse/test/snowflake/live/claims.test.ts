import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { claimsOfRuns } from './claims.ts'

const root = join(import.meta.dirname, '../../../../..')
const pages = globSync(['README.md', 'docs/**/*.md', 'examples/*/*.md', 'packages/*/*.md', 'sql/**/*.md'], {
  cwd: root,
}).filter((page) => page !== 'docs/snowflake-verification.md')

it('what claims a run on Snowflake is found', () => {
  for (const claim of [
    'It was tested on Snowflake.',
    'This has been verified against a real Snowflake account.',
    'The MERGE was\nmeasured on an account.',
    'All 56 are confirmed by Snowflake.',
  ])
    expect(claimsOfRuns(claim), claim).toHaveLength(1)
  for (const other of [
    'Nothing has run on a Snowflake account.',
    'It has never been tested on Snowflake.',
    "Each statement was checked with Snowflake's grammar.",
    'Run the live suite on an account.',
  ])
    expect(claimsOfRuns(other), other).toEqual([])
})

it('no page claims that anything ran on Snowflake; what ran stands in docs/snowflake-verification.md, which is generated', () => {
  expect(pages.length).toBeGreaterThan(5)
  for (const page of pages) expect(claimsOfRuns(readFileSync(join(root, page), 'utf8')), page).toEqual([])
  const generated = readFileSync(join(root, 'docs/snowflake-verification.md'), 'utf8')
  if (!existsSync(join(import.meta.dirname, 'results.json'))) {
    expect(generated).toContain('**Nothing on this page has run on a Snowflake account.**')
    expect(claimsOfRuns(generated)).toEqual([])
  }
})
