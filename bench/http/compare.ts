/**
 * Features over HTTP from this checkout against those from another, such as the commit before a change: CPU of the server for one
 * request, in runs that take turns in going first. The other checkout needs its packages installed.
 *
 * node --conditions=@martlet/source bench/http/compare.ts <folder of the other checkout> [seconds a run] [repeats] [auth]
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const [other = '', seconds = '5', repeats = '6', auth = 'none'] = process.argv.slice(2)
const here = resolve(import.meta.dirname, '../..')
const folder = join(tmpdir(), 'martlet-bench-http')
await mkdir(folder, { recursive: true })

interface Server {
  readonly child: ChildProcess
  readonly port: string
}

interface Result {
  /** Microseconds of the server's processor time for one request. */
  readonly cpu: number
  readonly p99: number
  readonly other: number
}

async function start(checkout: string): Promise<Server> {
  const child = spawn(
    process.execPath,
    ['--conditions=@martlet/source', join(checkout, 'bench/http/server.ts'), 'martlet', folder, auth],
    {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const [port] = await once(child.stdout, 'data')
  return { child, port: String(port).trim().split(' ')[0] ?? '' }
}

async function statOf(pid: number | undefined): Promise<{ readonly cpu: number; readonly peakMb: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) * 10_000,
    peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024,
  }
}

async function load({ child: server, port }: Server, service: string, connections: number): Promise<Result> {
  const before = await statOf(server.pid)
  const child = spawn(
    process.execPath,
    [join(here, 'bench/http/load.ts'), port, service, String(connections), seconds, '0', auth],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const result: { readonly p99: number; readonly other: number; readonly answered: number } = JSON.parse(
    await text(child.stdout),
  )
  return { ...result, cpu: ((await statOf(server.pid)).cpu - before.cpu) / result.answered }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const range = (values: readonly number[], digits: number): string =>
  `${median(values).toFixed(digits)} [${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}]`

const [ours, theirs] = [await start(here), await start(resolve(other))]
process.stdout.write(
  `node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${repeats} pairs of ${seconds} s, auth ` +
    `${auth}; median [range]\n`,
)
for (const [service, what, connections] of [
  ['small', '1 entity × 50 features, 5 views', 16],
  ['large', '100 entities × 250 features, 25 views', 4],
] as const) {
  // Both are warm before anything counts.
  for (const server of [ours, theirs]) await load(server, service, connections)
  const pairs: { readonly ours: Result; readonly theirs: Result }[] = []
  for (let pair = 0; pair < Number(repeats); pair++) {
    const first = await load(pair % 2 === 0 ? ours : theirs, service, connections)
    const second = await load(pair % 2 === 0 ? theirs : ours, service, connections)
    pairs.push(pair % 2 === 0 ? { ours: first, theirs: second } : { ours: second, theirs: first })
  }
  process.stdout.write(
    [
      '',
      what,
      `  this     ${range(
        pairs.map((pair) => pair.ours.cpu),
        1,
      )} µs of CPU a request, p99 ${range(
        pairs.map((pair) => pair.ours.p99),
        2,
      )} ms`,
      `  other    ${range(
        pairs.map((pair) => pair.theirs.cpu),
        1,
      )} µs of CPU a request, p99 ${range(
        pairs.map((pair) => pair.theirs.p99),
        2,
      )} ms`,
      `  ratio    ${range(
        pairs.map((pair) => pair.ours.cpu / pair.theirs.cpu),
        3,
      )} of CPU, this to other`,
      `  not 200  ${pairs.reduce((sum, pair) => sum + pair.ours.other + pair.theirs.other, 0)}`,
      '',
    ].join('\n'),
  )
}
process.stdout.write(
  `\npeak memory: this ${(await statOf(ours.child.pid)).peakMb.toFixed(0)} MB, other ` +
    `${(await statOf(theirs.child.pid)).peakMb.toFixed(0)} MB\n`,
)
for (const { child } of [ours, theirs]) child.kill('SIGTERM')
