/**
 * Predictions over HTTP, features joined from LMDB, against the least that node:http can do for the same work with the same online
 * reader and the same onnxruntime session. All sides run at once and take turns in going first. Prints CPU of the server for one
 * request, requests per second, p99 at half load, and peak memory. 64 runs of two seconds.
 *
 * node --conditions=@martlet/source bench/predict/run.ts [seconds a run] [rounds]
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { median } from '../measure/statistics.ts'
import { MODELS } from './fixture.ts'

const [seconds = '1.5', rounds = '2'] = process.argv.slice(2)
const here = import.meta.dirname

/** Martlet with its defaults, and without one thing each. */
const SIDES = {
  martlet: '{}',
  'one by one': '{"inference":{"batching":false}}',
  'no threads': '{"inference":{"threads":0}}',
  minimal: 'minimal',
} as const
type Side = keyof typeof SIDES
const sides: readonly Side[] = ['martlet', 'one by one', 'no threads', 'minimal']

interface Server {
  readonly child: ChildProcess
  readonly port: string
}

interface Result {
  /** Processor time of the server for one request, all threads, in microseconds. */
  readonly cpu: number
  readonly perSecond: number
  readonly p99: number | null
  readonly other: number
}

async function start(kind: string, folder: string): Promise<Server> {
  const args = ['--conditions=@martlet/source', join(here, 'server.ts'), kind, folder]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(child.stdout, 'data')
  return { child, port: String(port).trim() }
}

/** User and system time of a process so far, in microseconds (Linux counts in hundredths of a second). */
async function cpuTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

async function peakMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1000
}

async function load({ child, port }: Server, what: string, connections: number, rate = 0): Promise<Result> {
  const before = await cpuTime(child.pid)
  const loader = spawn(
    process.execPath,
    [join(here, '../http/load.ts'), port, what, String(connections), seconds, String(rate)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const result: Omit<Result, 'cpu'> & { readonly answered: number } = JSON.parse(await text(loader.stdout))
  return { ...result, cpu: ((await cpuTime(child.pid)) - before) / result.answered }
}

const range = (values: readonly number[], digits = 0): string =>
  `${median(values).toFixed(digits)} [${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}]`

/** Without an answer in the time of a run there is no percentile. */
const show = (value: number | null): string => (value === null ? '–' : value.toFixed(2))

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-predict-'))
const servers = new Map<Side, Server>()
for (const side of sides) servers.set(side, await start(SIDES[side], join(folder, side.replaceAll(' ', '-'))))
const serverOf = (side: Side): Server => {
  const server = servers.get(side)
  if (server === undefined) throw new Error(`${side} was not started`)
  return server
}
try {
  process.stdout.write(
    `node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${rounds} rounds of ${seconds} s; median [range]\n`,
  )
  for (const [model, rows, connections] of [
    ['trees', 1, 1],
    ['trees', 1, 16],
    ['trees', 100, 16],
    ['forest', 1, 16],
  ] as const)
    await compare(model, MODELS[model], rows, connections)
  for (const side of sides)
    process.stdout.write(`peak memory of ${side}: ${(await peakMb(serverOf(side).child.pid)).toFixed(0)} MB\n`)
} finally {
  for (const { child } of servers.values()) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
}

async function compare(model: string, trees: number, rows: number, connections: number): Promise<void> {
  const what = `/v1/models/${model}/predict*${rows}`
  const runs = new Map<Side, Result[]>(sides.map((side) => [side, []]))
  // The first round warms up.
  for (let round = 0; round <= Number(rounds); round++)
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const result = await load(serverOf(side), what, connections)
      if (round > 0) runs.get(side)?.push(result)
    }
  const of = (side: Side): readonly Result[] => runs.get(side) ?? []
  process.stdout.write(`\n${model} (${trees} trees, 20 features), ${rows} rows, ${connections} connections\n`)
  for (const side of sides) {
    const measured = of(side)
    const half = Math.max(1, Math.round(median(measured.map(({ perSecond }) => perSecond)) / 2))
    const paced = await load(serverOf(side), what, Math.max(connections, 16), half)
    const other = measured.reduce((sum, result) => sum + result.other, paced.other)
    const ratio = measured.map(({ cpu }, round) => (of('minimal')[round]?.cpu ?? cpu) / cpu)
    process.stdout.write(
      `  ${side.padEnd(11)} ${range(measured.map(({ cpu }) => cpu))} µs of CPU a request ` +
        `(${range(ratio, 2)} of minimal), ${range(measured.map(({ perSecond }) => perSecond))} req/s, ` +
        `p99 ${show(paced.p99)} ms at ${half}/s${other === 0 ? '' : `, not 200: ${other}`}\n`,
    )
  }
}
