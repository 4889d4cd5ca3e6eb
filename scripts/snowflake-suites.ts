// Writes the list of suites that run a second time on the Snowflake double into docs/snowflake.md, or with --check fails when it differs.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import config from '../vitest.config.ts'

const root = join(import.meta.dirname, '..')
const page = join(root, 'docs/snowflake.md')
const [begin, end] = ['<!-- suites on the double: npm run suites -->', '<!-- end of suites -->']

/** How often a property runs: on DuckDB, and on the double a tenth of that, as packages/warehouse/test/support/engine.ts says. */
function draws(file: string): string {
  const found = readFileSync(join(root, file), 'utf8').matchAll(/(?:Math\.max\((\d+), )?runsOf\((\d+)\)/g)
  const runs = new Map(
    [...found].map(([, least, count]) => [Number(count), Math.max(Number(least ?? 1), Math.ceil(Number(count) / 10))]),
  )
  return runs.size === 0 ? 'fixed cases' : `${[...runs.keys()].join(', ')} → ${[...runs.values()].join(', ')}`
}

const projects = (config.test?.projects ?? []).flatMap((project) => {
  const { test } = typeof project === 'object' && 'test' in project ? project : {}
  return typeof test?.name === 'string' && test.name.endsWith('-on-snowflake') ? [test.include ?? []] : []
})
const files = projects.flatMap((include) => globSync([...include], { cwd: root }).toSorted())
if (files.length === 0)
  throw new Error('vitest.config.ts has no project whose name ends in -on-snowflake; this list cannot be made')
const table = `${begin}

| suite | cases of each property, DuckDB → double |
| --- | --- |
${files.map((file) => `| \`${file}\` | ${draws(file)} |`).join('\n')}

${end}`

const text = readFileSync(page, 'utf8')
const [from, to] = [text.indexOf(begin), text.indexOf(end)]
if (from < 0 || to < 0) throw new Error(`docs/snowflake.md has no ${begin} … ${end}`)
const written = `${text.slice(0, from)}${table}${text.slice(to + end.length)}`
if (!process.argv.includes('--check')) writeFileSync(page, written)
else if (written !== text) {
  console.error(
    'docs/snowflake.md does not list the suites that vitest.config.ts runs on the double. Run: npm run suites',
  )
  process.exit(1)
}
console.log(`${files.length} suites run a second time on the double`)
