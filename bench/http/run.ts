/**
 * Features over HTTP, all entities seen before (`martlet`) and nothing kept (`cold`), against bare routes that send the same
 * answer, of Hono and of Node's own server, as text and as bytes. They take turns: the first of one round is the last of the
 * next. Ratios are of the server's processor time for one request, pair by pair. Where other work shares the cores, or a virtual
 * machine stands still, a server waits: at half of what martlet reaches, latency is printed beside that of bare servers at the
 * same rate, with the time that each was without a core.
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
  /** Milliseconds a second that the server's main thread was ready to run and had no core (Linux). */
  readonly waited: number
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
  return { child, port: String(port).trim().split(' ')[0] ?? '' }
}

/** User and system time of a process so far, in microseconds (Linux counts in hundredths of a second). */
async function cpuTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Milliseconds that the main thread of a process has waited for a core so far. */
async function waitTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').catch(() => '')
  return Number(stat.split(' ')[1]) / 1e6
}

async function load({ child: server, port }: Server, service: string, connections: number, rate = 0): Promise<Result> {
  const [before, waitedBefore, since] = [await cpuTime(server.pid), await waitTime(server.pid), performance.now()]
  const child = spawn(
    process.execPath,
    [join(here, 'load.ts'), port, service, String(connections), seconds, String(rate), auth],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const result: Omit<Result, 'cpu' | 'waited'> & { readonly answered: number } = JSON.parse(await text(child.stdout))
  const waited = (((await waitTime(server.pid)) - waitedBefore) / (performance.now() - since)) * 1000
  return { ...result, waited, cpu: ((await cpuTime(server.pid)) - before) / result.answered }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const range = (values: readonly number[], digits = 0): string =>
  `${median(values).toFixed(digits)} [${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}]`

/** The largest resident set of a process so far, in MB. */
async function peak(pid: number | undefined): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return (Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1000).toFixed(0)
}

const kinds = ['martlet', 'cold', 'hono', 'hono-bytes', 'string', 'buffer'] as const
type Kind = (typeof kinds)[number]
const servers = new Map<Kind, Server>()
for (const kind of kinds) servers.set(kind, await start(kind))
const serverOf = (kind: Kind): Server => {
  const server = servers.get(kind)
  if (server === undefined) throw new Error(`${kind} has not been started`)
  return server
}
process.stdout.write(
  `node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${repeats} rounds of ${seconds} ` +
    `s each, auth ${auth}; median [range]\n\n`,
)

for (const [service, what, connections] of [
  ['small', '1 entity × 50 features, 5 views', 16],
  ['large', '100 entities × 250 features, 25 views', 4],
] as const) {
  const runs: Readonly<Record<Kind, Result[]>> = {
    martlet: [],
    cold: [],
    hono: [],
    'hono-bytes': [],
    string: [],
    buffer: [],
  }
  // All are warm before anything counts, and all entities seen.
  for (const kind of kinds) await load(serverOf(kind), service, connections)
  for (let round = 0; round < Number(repeats); round++)
    for (const kind of round % 2 === 0 ? kinds.toReversed() : kinds)
      runs[kind].push(await load(serverOf(kind), service, connections))
  const half = Math.round(median(runs.martlet.map(({ perSecond }) => perSecond)) / 2)
  // A server that this rate is too much for would only show its queue.
  const pacedKinds = kinds.filter((kind) => median(runs[kind].map(({ perSecond }) => perSecond)) > half * 1.5)
  const paced = new Map<Kind, Result[]>(pacedKinds.map((kind) => [kind, []]))
  for (let round = 0; round < Number(repeats); round++)
    for (const kind of round % 2 === 0 ? pacedKinds : pacedKinds.toReversed())
      paced.get(kind)?.push(await load(serverOf(kind), service, 64, half))
  const line = async (kind: Kind): Promise<string> =>
    `  ${kind.padEnd(12)} ${range(runs[kind].map(({ perSecond }) => perSecond))} req/s, ` +
    `p50 ${of(runs[kind], 'p50')} ms, p99 ${of(runs[kind], 'p99')} ms, ` +
    `${range(runs[kind].map(({ cpu }) => cpu))} µs of CPU a request, peak ${await peak(serverOf(kind).child.pid)} MB`
  const ratio = (kind: Kind): string => {
    const pairs = runs.martlet.map((one, round) => (runs[kind][round] ?? one).cpu / one.cpu)
    return `  ${kind.padEnd(12)} ${range(pairs, 2)} of its speed by CPU`
  }
  process.stdout.write(
    [
      what,
      ...(await Promise.all(kinds.map(line))),
      '  martlet against',
      ...kinds.slice(1).map(ratio),
      `  at ${half} req/s, half of what martlet reaches`,
      ...[...paced].map(
        ([kind, results]) =>
          `  ${kind.padEnd(12)} p50 ${of(results, 'p50')} ms, p99 ${of(results, 'p99')} ms, p99.9 ${of(results, 'p999')} ms, ` +
          `${range(results.map(({ waited }) => waited))} ms a second without a core`,
      ),
      `  not 200      ${[...Object.values(runs), ...paced.values()].flat().reduce((sum, { other }) => sum + other, 0)}`,
      '',
    ].join('\n'),
  )
}
for (const { child } of servers.values()) child.kill('SIGTERM')

function of(results: readonly Result[], what: 'p50' | 'p99' | 'p999'): string {
  return range(
    results.map((result) => result[what]),
    2,
  )
}
