// Keeps docs/errors.md complete: every code that the source gives is a row there, and every row is a code of the source.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { USAGE_CODES } from '../packages/cli/src/terminal/usage-codes.ts'
import { pageProblems, usageProblems } from './error-page.ts'
import { sourceCodes } from './source-codes.ts'

const root = join(import.meta.dirname, '..')
const path = 'docs/errors.md'

const found = sourceCodes(root, ['packages/*/src/**/*.ts'])
const page = readFileSync(join(root, path), 'utf8')
const problems = [...pageProblems(page, path, found), ...usageProblems(page, path, USAGE_CODES)]
if (problems.length > 0) {
  console.error(`${problems.join('\n')}\n${problems.length} problems with the codes in ${path}`)
  process.exitCode = 1
} else {
  const codes = new Set(found.codes.map(({ code }) => code))
  console.log(`errors: ${codes.size} codes, given in ${found.codes.length} places, all of them in ${path}`)
}
