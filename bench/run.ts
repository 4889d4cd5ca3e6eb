// Runs every benchmark in turn, each in a process of its own, and ends with one table of what they measured.
// npm run bench [-- --quick] [-- --only=training,online]
// The output is Markdown: paste it into docs/benchmarks.md.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, freemem, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'

interface Figure {
  readonly what: string
  readonly value: string
  readonly aim: string
}

interface Bench {
  readonly name: string
  readonly file: string
  readonly full: Sizes
  readonly quick: Sizes
  /** What the table at the end shows of its output. */
  readonly figures: (output: string) => readonly Figure[]
}

interface Sizes {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Lines such as `90 d / 1 d   1.08   (processor: 1.02, aim: at most 1.2)`; what is in parentheses may be left out. */
function ratioLines(output: string): readonly Figure[] {
  const line = /^(\S.*?\/.*?) {2,}(-?[\d.]+)(?: +\((?:processor: ([\d.]+))?(?:, )?(?:aim: ([^)]+))?\))?$/gm
  return [...output.matchAll(line)].map(([, what = '', value = '', processor, aim = '–']) => ({
    what,
    value: processor === undefined ? value : `${value} (processor: ${processor})`,
    aim,
  }))
}

function jsonLines(output: string): readonly Readonly<Record<string, unknown>>[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"bench"'))
    .map((line): Record<string, unknown> => JSON.parse(line))
}

const benches: readonly Bench[] = [
  {
    name: 'windows',
    file: 'bench/windows/run.ts',
    full: {},
    quick: { env: { EVENTS: '200000', SPINE: '20000', ENTITIES: '1000', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'words of windows',
    file: 'bench/windows/words.ts',
    full: {},
    quick: { env: { EVENTS: '20000', TRUCKS: '200', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'standings',
    file: 'bench/windows/everybody.ts',
    full: {},
    quick: { env: { ENTITIES: '10000', EVENTS: '30000', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'words of aggregates',
    file: 'bench/windows/words-aggregates.ts',
    full: {},
    quick: { env: { EVENTS: '200000', SPINE: '20000', ENTITIES: '1000', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'snowflake double',
    file: 'bench/snowflake/bulk.ts',
    full: {},
    quick: { args: ['20000', '50000'] },
    figures: ratioLines,
  },
  {
    name: 'training',
    file: 'bench/training/join.ts',
    full: {},
    quick: { args: ['100000', '10000'], env: { ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'on demand, training',
    file: 'bench/training/on-demand.ts',
    full: {},
    quick: { args: ['10000', '20000'], env: { ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'stored moments',
    file: 'bench/training/stored-moments.ts',
    full: {},
    quick: { env: { EVENTS: '200000', SPINE: '20000', ENTITIES: '1000', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'events in',
    file: 'bench/ingest/run.ts',
    full: {},
    quick: { args: ['20000'] },
    figures: ratioLines,
  },
  {
    name: 'new instant',
    file: 'bench/materialize/new-instant.ts',
    full: {},
    quick: { args: ['tiny'], env: { ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: "a fleet's month",
    file: 'bench/fleet/month.ts',
    full: {},
    quick: { env: { VEHICLES: '20', DAYS: '16', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'year',
    file: 'bench/materialize/year.ts',
    full: {},
    quick: { args: ['30'], env: { EVENTS: '50000', ENTITIES: '500', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'growth',
    file: 'bench/growth.ts',
    full: {},
    quick: { env: { BASE: '20000', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'local clock',
    file: 'bench/materialize/zoned.ts',
    full: {},
    quick: { env: { EVENTS: '60000', ENTITIES: '600', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'wide view',
    file: 'bench/materialize/wide.ts',
    full: {},
    quick: { args: ['20'], env: { EVENTS: '20000', ENTITIES: '100', ROUNDS: '1' } },
    figures: ratioLines,
  },
  {
    name: 'materialize',
    file: 'bench/materialize/banking.ts',
    full: {},
    quick: { args: ['20000', '200', '30'] },
    figures: (output) =>
      [...output.matchAll(/^(\S.*?) {2,}([\d.]+ s) /gm)].map(([, what = '', value = '']) => ({
        what,
        value,
        aim: '–',
      })),
  },
  {
    name: 'on demand, online',
    file: 'bench/online/on-demand.ts',
    full: {},
    quick: { args: ['0.3'] },
    figures: (output) =>
      jsonLines(output).map((one) => ({
        what: `${String(one['entities'])} × 50 features, added by an expression`,
        value: `${String(one['added µs'])} µs`,
        aim: one['entities'] === 1 ? '≤ 10 µs' : '–',
      })),
  },
  {
    name: 'online read',
    file: 'bench/online/read.ts',
    full: {},
    quick: { args: ['0.3'] },
    figures: (output) =>
      jsonLines(output).map((one) => ({
        what: `${String(one['entities'])} × ${String(one['features'])} features, ${String(one['use'])}`,
        value: `${String(one['readsPerSecond'])} reads/s, p99 ${String(one['p99ms'])} ms`,
        aim: '–',
      })),
  },
  {
    name: 'online publish',
    file: 'bench/online/publish.ts',
    full: {},
    quick: { args: ['50000'], env: { ROUNDS: '1' } },
    figures: (output) =>
      jsonLines(output).map((one) => ({
        what: `${String(one['order'])}, ${String(one['round'])}`,
        value: `${String(one['rowsPerSecond'])} rows/s`,
        aim: one['round'] === 'newer' ? 'at least 200000 rows/s' : '–',
      })),
  },
  {
    name: 'publish within a run',
    file: 'bench/materialize/publish.ts',
    full: {},
    quick: { args: ['20000'] },
    figures: (output) =>
      [...output.matchAll(/^\| (run \d) \| ([\d,]+) \| .*? \| .*? \| (.*?) \| (.*?) \| (.*?) \|/gm)].map(
        ([, run = '', rows = '', seconds = '', processor = '', rate = '']) => ({
          what: `${run}, ${rows} rows written`,
          value: `${rate} published/s (${seconds}, ${processor} of processor)`,
          aim: '–',
        }),
      ),
  },
  {
    name: 'http',
    file: 'bench/http/run.ts',
    full: {},
    quick: { args: ['1', '1'] },
    figures: (output) =>
      [...output.matchAll(/^(\d+ entit.*)$|^ {2}(ratio, bytes|ratio|at \d+ req\/s) +(.*)$/gm)].reduce<{
        readonly of: string
        readonly found: readonly Figure[]
      }>(
        (all, [, heading, name = '', value = '']) =>
          heading === undefined
            ? {
                ...all,
                found: [
                  ...all.found,
                  { what: `${all.of}: ${name.replace('ratio', 'Martlet / bare route')}`, value, aim: '–' },
                ],
              }
            : { ...all, of: heading },
        { of: '', found: [] },
      ).found,
  },
  {
    name: 'type cost',
    file: 'bench/type-cost/measure.ts',
    full: {},
    quick: {},
    figures: (output) =>
      [...output.matchAll(/^\| (\d+) \|.*\| (\d+) \| ([\d.]+) \| (-?\d+) \|$/gm)].map(
        ([, views = '', instantiations = '', ms = '']) => ({
          what: `${views} views`,
          value: `${instantiations} instantiations, ${ms} ms a view`,
          aim: '–',
        }),
      ),
  },
  {
    name: 'drift',
    file: 'bench/drift/wide-table.ts',
    full: {},
    quick: { args: ['20000', '50', '1'] },
    figures: (output) =>
      [...output.matchAll(/^(\S.*?) {2,}([\d.]+ s) /gm)].map(([, what = '', value = '']) => ({
        what,
        value,
        aim: '–',
      })),
  },
]

const root = join(import.meta.dirname, '..')
const quick = process.argv.includes('--quick')
const only = process.argv
  .find((one) => one.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')
const unknown = process.argv.slice(2).filter((one) => one !== '--quick' && !one.startsWith('--only='))
if (unknown.length > 0) stop(`unknown option ${unknown.join(' ')}; known are --quick and --only=<name>,<name>`)
const chosen = benches.filter(({ name }) => only === undefined || only.some((one) => name.startsWith(one)))
if (chosen.length === 0)
  stop(`no benchmark is called ${only?.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}`)

console.log(await machine())
const rows: { readonly bench: string; readonly figure: Figure }[] = []
let failed = 0
for (const bench of chosen) {
  await warnUnlessIdle()
  const { args = [], env = {} } = quick ? bench.quick : bench.full
  const command = [
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    'npx node --conditions=@martlet/source',
    bench.file,
    ...args,
  ].join(' ')
  console.log(`\n## ${bench.name}\n\n\`${command}\`\n\n\`\`\`text`)
  const start = performance.now()
  const { output, code } = await run(bench.file, args, env)
  console.log(
    `\`\`\`\n\n${((performance.now() - start) / 1000).toFixed(0)} s${code === 0 ? '' : `, FAILED with code ${code}`}`,
  )
  if (code !== 0) failed++
  const figures = bench.figures(output)
  const shown =
    code === 0 && figures.length > 0
      ? figures
      : [{ what: code === 0 ? 'printed nothing that this table knows' : 'failed', value: '–', aim: '–' }]
  rows.push(...shown.map((figure) => ({ bench: bench.name, figure })))
}
console.log(
  `\n## Summary${quick ? ' (--quick: sizes too small to be quoted)' : ''}\n\n| benchmark | what | measured | aim |\n| ` +
    '--- | --- | --- | --- |',
)
for (const { bench, figure } of rows)
  console.log(`| ${bench} | ${figure.what.replaceAll(/\s+/g, ' ')} | ${figure.value} | ${figure.aim} |`)
process.exitCode = failed === 0 ? 0 : 1

async function machine(): Promise<string> {
  await using warehouse = await openDuckDb()
  const [duckdb] = rowsOf<{ version: string }>(await warehouse.read(sql`SELECT version() AS version`))
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`
  return [
    `Measured ${new Date().toISOString().slice(0, 16)}Z on ${availableParallelism()} cores of ` +
      `${cpus()[0]?.model ?? 'an unknown processor'},`,
    `${gigabytes(totalmem())} of memory (${gigabytes(freemem())} free), ${platform()} ${release()};`,
    `node ${process.version}, DuckDB ${duckdb?.version}, Martlet ` +
      `${String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)};`,
    `load average ${loadavg()
      .map((one) => one.toFixed(2))
      .join(', ')}.`,
  ].join('\n')
}

/**
 * Watches the processors for a second while this script does nothing: another busy process makes every number a story
 * about that process.
 */
async function warnUnlessIdle(): Promise<void> {
  const spent = (): { readonly idle: number; readonly all: number } => {
    const times = cpus().map((cpu) => cpu.times)
    return {
      idle: times.reduce((sum, { idle }) => sum + idle, 0),
      all: times.reduce((sum, time) => sum + Object.values(time).reduce((one, ms) => one + ms, 0), 0),
    }
  }
  const before = spent()
  await sleep(1_000)
  const after = spent()
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all)
  if (busy > 0.05)
    console.log(
      `\n**WARNING: the machine was not idle (${Math.round(busy * 100)} % of ${availableParallelism()} cores were busy ` +
        'before this benchmark): do not quote these numbers.**',
    )
}

function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly output: string; readonly code: number }> {
  const child = spawn(process.execPath, ['--conditions=@martlet/source', file, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ output, code: code ?? (signal === null ? 0 : 1) }))
  })
}

function stop(message: string): never {
  console.error(message)
  process.exit(2)
}
