/**
 * Servers in turns of a few hundred requests over connections: what a shared machine does to one, it does to the others. Prints the
 * processor time of a server for one request, and its ratio to the first one's, turn by turn: below 1 is less time.
 *
 * node --conditions=@martlet/source bench/http/turns.ts [--service small] [--turns 60] [--requests 400] <server> <server>…
 *
 * A server is a kind of `server.ts`, with extras (see `extras.ts`) behind `+`, and behind `@` the folder of another checkout, whose
 * packages are installed: `martlet`, `hono`, `martlet+jwt+audit`, `martlet@../before`.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { connection, templateOf, type Connection, type Template } from './connection.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    service: { type: 'string', default: 'small' },
    turns: { type: 'string', default: '60' },
    requests: { type: 'string', default: '400' },
    connections: { type: 'string', default: '16' },
    warm: { type: 'string', default: '40' },
  },
})
const [turns, requests, warm] = [Number(values.turns), Number(values.requests), Number(values.warm)]
const here = resolve(import.meta.dirname, '../..')
const folder = join(tmpdir(), 'martlet-bench-http')
await mkdir(folder, { recursive: true })

interface Side {
  readonly name: string
  readonly child: ChildProcess
  readonly port: number
  readonly template: Template
  /** Microseconds of processor time for one request, by turn. */
  readonly micros: number[]
}

async function start(name: string): Promise<Side> {
  const [what = '', checkout = here] = name.split('@')
  const [kind = '', ...extras] = what.split('+')
  const script = join(resolve(checkout), 'bench/http/server.ts')
  const args = ['--conditions=@martlet/source', script, kind, folder, extras.join('+') || 'none']
  const child = spawn(process.execPath, args, { cwd: resolve(checkout), stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout, 'data')
  const [port, ...bearer] = String(line).trim().split(' ')
  const template = templateOf(values.service, bearer.length === 0 ? undefined : bearer.join(' '))
  return { name, child, port: Number(port), template, micros: [] }
}

/** Microseconds that all threads of a process have run so far (Linux). */
async function processorTime({ pid }: ChildProcess): Promise<number> {
  let nanos = 0
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0')
    nanos += Number(stat.split(' ', 1)[0])
  }
  return nanos / 1000
}

/** Sends so many requests, one at a time on each connection. */
function send(name: string, connections: readonly Connection[], count: number): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>()
  let [sent, answered] = [0, 0]
  const next = (one: Connection): void => {
    if (sent === count) return
    sent++
    one.ask((ok) => {
      if (!ok) reject(new Error(`${name} has not answered 200`))
      else if (++answered === count) done()
      else next(one)
    })
  }
  for (const one of connections) next(one)
  return promise
}

/** Microseconds of processor time of one request of a turn. Servers close connections that wait for their turn too long. */
async function turn({ name, child, port, template }: Side): Promise<number> {
  const connections = Array.from({ length: Number(values.connections) }, () => connection(port, template))
  await send(name, connections, connections.length)
  const before = await processorTime(child)
  await send(name, connections, requests)
  const micros = ((await processorTime(child)) - before) / requests
  for (const one of connections) one.close()
  return micros
}

const quantile = (numbers: readonly number[], q: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))] ?? Number.NaN
const spread = (numbers: readonly number[], digits: number): string =>
  `${quantile(numbers, 0.5).toFixed(digits)} [${quantile(numbers, 0.25).toFixed(digits)}–${quantile(numbers, 0.75).toFixed(digits)}]`

const sides: Side[] = []
process.on('exit', () => {
  for (const { child } of sides) child.kill('SIGTERM')
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
for (const name of positionals) sides.push(await start(name))
for (let round = -warm; round < turns; round++)
  for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
    const micros = await turn(side)
    if (round >= 0) side.micros.push(micros)
  }
const [first] = sides
const width = Math.max(...positionals.map((name) => name.length))
process.stdout.write(
  `${values.service}, ${turns} turns of ${requests} requests after ${warm} that warm up; median [quartiles]\n`,
)
for (const { name, micros } of sides) {
  const ratios = micros.map((one, index) => one / (first?.micros[index] ?? Number.NaN))
  const more = micros.map((one, index) => one - (first?.micros[index] ?? Number.NaN))
  process.stdout.write(
    `${name.padEnd(width)}  ${spread(micros, 1)} µs of CPU a request, ${spread(ratios, 3)} of the first one's, ` +
      `${spread(more, 1)} µs more\n`,
  )
}
process.exit(0)
