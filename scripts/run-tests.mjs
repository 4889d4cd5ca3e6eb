// Runs `npm test`, and once more, alone, the files of which a test failed. What fails twice has failed. What passes the
// second time hung on how busy the machine was: it is named, and does not fail the run. CI gives both runs one seed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import process from 'node:process'

const results = '.tmp/vitest.json'
/** More failing files than this are no matter of chance. */
const MOST = 8

/**
 * @typedef {{ fullName: string, status: string }} Test
 * @typedef {{ name: string, status: string, assertionResults: Test[] }} TestFile
 */

/** @type {(command: string, args: string[]) => number} */
const run = (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status ?? 1
/** @type {(file: string) => { testResults: TestFile[] }} */
const read = (file) => JSON.parse(readFileSync(file, 'utf8'))
/** @type {(file: TestFile) => string[]} */
const failedTests = ({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName }) => `${relative('.', name)}: ${fullName}`)

const code = run('npm', ['test'])
if (code === 0 || !existsSync(results)) process.exit(code)
const first = read(results)
const files = [...new Set(first.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name))]
if (files.length === 0 || files.length > MOST) process.exit(code)

console.log(`\nA test failed in ${files.length === 1 ? 'a file' : `${files.length} files`}; once more, alone:`)
rmSync(results)
const second = run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', ...files])
const again = existsSync(results) ? read(results).testResults : undefined
const testResults = first.testResults
  .filter(({ name }) => again === undefined || !files.includes(name))
  .concat(again ?? [])
const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
/** @type {(...states: string[]) => number} */
const count = (...states) => tests.filter(({ status }) => states.includes(status)).length
writeFileSync(
  results,
  JSON.stringify({
    ...first,
    testResults,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
  }),
)
const once = first.testResults.flatMap(failedTests)
const twice = new Set(testResults.flatMap(failedTests))
for (const test of once) console.log(`${twice.has(test) ? 'failed twice' : 'FAILED ONCE, passed alone'}: ${test}`)
process.exit(second)
