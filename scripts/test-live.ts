// Runs what only a Snowflake account can show, and writes what it showed. Costs credits.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { missingForLive } from '../packages/warehouse/test/snowflake/live/live-variables.ts'
import { liveResult } from './live-result.ts'

const root = join(import.meta.dirname, '..')
const results = join(root, 'packages/warehouse/test/snowflake/live/results.json')
const counts = join(root, '.tmp/live-counts')
const report = join(root, '.tmp/live.json')

if (missingForLive.length > 0) {
  console.log(`Nothing was run: no Snowflake account is named. These variables are not set:
${missingForLive.map((name) => `  ${name}`).join('\n')}
They name the account, a user with a key pair who may create databases, the file of the private key, and a warehouse (XSMALL is enough).
SNOWFLAKE_TEST_ROLE and SNOWFLAKE_TEST_EDITION (written into the results as it stands) may be set, too. Each test file makes a database
MARTLET_TEST_… of its own and drops it at its end.`)
  process.exit(1)
}

rmSync(counts, { recursive: true, force: true })
rmSync(report, { force: true })
mkdirSync(join(root, '.tmp'), { recursive: true })
const projects = ['warehouse', 'feature-store', 'drift'].map((name) => `--project=${name}-on-snowflake`)
const run = spawnSync(
  'npx',
  [
    'vitest',
    'run',
    ...projects,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MARTLET_LIVE: '1', MARTLET_LIVE_COUNTS: counts },
  },
)
const statements = existsSync(counts)
  ? readdirSync(counts).reduce((sum, file) => sum + countIn(readFileSync(join(counts, file), 'utf8')), 0)
  : 0
console.log(`${statements} calls that send statements went to the account.`)
if (existsSync(report)) {
  const sdk: unknown = createRequire(join(root, 'packages/warehouse/package.json'))('snowflake-sdk/package.json')
  const version = typeof sdk === 'object' && sdk !== null && 'version' in sdk ? String(sdk.version) : '?'
  const told = liveResult(JSON.parse(readFileSync(report, 'utf8')), {
    date: new Date().toISOString().slice(0, 10),
    edition: process.env['SNOWFLAKE_TEST_EDITION'] ?? 'not stated',
    sdk: version,
    statements,
  })
  writeFileSync(results, `${JSON.stringify(told, null, 1)}\n`)
  console.log(
    `${results} is written: ${told.passed} passed, ${told.failed} failed. npm run verification puts it into ` +
      'docs/snowflake-verification.md.',
  )
}
process.exit(run.status ?? 1)

function countIn(text: string): number {
  const kept: unknown = JSON.parse(text)
  return typeof kept === 'object' && kept !== null && 'statements' in kept && typeof kept.statements === 'number'
    ? kept.statements
    : 0
}
