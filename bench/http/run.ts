/**
 * Features over HTTP against a bare Hono route that sends the same bytes, in alternating runs.
 *
 * node --conditions=@martlet/source bench/http/run.ts [seconds a run] [repeats] [auth]
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

interface Result {
  /** Processor time of the server for one request, in microseconds: what is left of a run when the machine is shared. */
  readonly cpu: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly other: number
}

const [seconds = '5', repeats = '4', auth = 'none'] = process.argv.slice(2)
const folder = join(tmpdir(), 'martlet-bench-http')
await mkdir(folder, { recursive: true })
const here = import.meta.dirname

interface Server {
  readonly child: ChildProcess
  readonly port: string
}

async function start(kind: string): Promise<Server> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@martlet/source',
      ...(process.env['PROFILE'] === kind ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []),
      join(here, 'server.ts'),
      kind,
      folder,
      auth,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [port] = await once(child.stdout, 'data')
  return { child, port: String(port).trim() }
}

/** User and system time of a process so far, in microseconds (Linux counts in hundredths of a second). */
async function cpuTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

async function load({ child: server, port }: Server, service: string, connections: number, rate = 0): Promise<Result> {
  const before = await cpuTime(server.pid)
  const child = spawn(
    process.execPath,
    [join(here, 'load.ts'), port, service, String(connections), seconds, String(rate), auth],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const result: Omit<Result, 'cpu'> & { readonly answered: number } = JSON.parse(await text(child.stdout))
  return { ...result, cpu: ((await cpuTime(server.pid)) - before) / result.answered }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const range = (values: readonly number[], digits = 0): string =>
  `${median(values).toFixed(digits)} [${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}]`

const martlet = await start('martlet')
const bare = await start('bare')
process.stdout.write(
  `node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${repeats} alternating runs of ${seconds} ` +
    `s each, auth ${auth}; median [range]\n\n`,
)

for (const [service, what, connections] of [
  ['small', '1 entity × 50 features, 5 views', 16],
  ['large', '100 entities × 250 features, 25 views', 4],
] as const) {
  const runs: { martlet: Result; bare: Result }[] = []
  for (let run = 0; run < Number(repeats); run++)
    runs.push({ bare: await load(bare, service, connections), martlet: await load(martlet, service, connections) })
  const half = Math.round(median(runs.map((run) => run.martlet.perSecond)) / 2)
  const paced: Result[] = []
  for (let run = 0; run < Number(repeats); run++) paced.push(await load(martlet, service, 64, half))
  process.stdout.write(
    [
      what,
      `  martlet      ${range(runs.map((run) => run.martlet.perSecond))} req/s, p50 ${range(
        runs.map((run) => run.martlet.p50),
        2,
      )} ms, p99 ${range(
        runs.map((run) => run.martlet.p99),
        2,
      )} ms, ${range(runs.map((run) => run.martlet.cpu))} µs of CPU a request`,
      `  bare         ${range(runs.map((run) => run.bare.perSecond))} req/s, p50 ${range(
        runs.map((run) => run.bare.p50),
        2,
      )} ms, p99 ${range(
        runs.map((run) => run.bare.p99),
        2,
      )} ms, ${range(runs.map((run) => run.bare.cpu))} µs of CPU a request`,
      `  ratio        ${range(
        runs.map((run) => run.martlet.perSecond / run.bare.perSecond),
        2,
      )} by requests, ${range(
        runs.map((run) => run.bare.cpu / run.martlet.cpu),
        2,
      )} by CPU`,
      `  at ${half} req/s p50 ${range(
        paced.map((run) => run.p50),
        2,
      )} ms, p99 ${range(
        paced.map((run) => run.p99),
        2,
      )} ms, p99.9 ${range(
        paced.map((run) => run.p999),
        2,
      )} ms`,
      `  not 200      ${[...runs.flatMap((run) => [run.martlet, run.bare]), ...paced].reduce((sum, run) => sum + run.other, 0)}`,
      '',
    ].join('\n'),
  )
}
for (const { child } of [martlet, bare]) child.kill('SIGTERM')
