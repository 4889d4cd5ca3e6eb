import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ask, type RawAnswer, type RequestParts } from './connection.ts'
import type { ServerSettings } from './settings.ts'

/** False where the kernel does not show what a process uses. Memory and connections are not checked there. */
export const hasProc: boolean = existsSync('/proc/self/status')

/** A server in a process of its own, ended when it is disposed of. */
export interface ServingProcess extends AsyncDisposable {
  readonly port: number
  /** The prefix of the routes: `/ml` when mounted. */
  readonly prefix: string
  ask(method: string, path: string, parts?: RequestParts): Promise<RawAnswer>
  /** Megabytes in memory now, and at most since `forgetPeak`; NaN without /proc and when it has ended. */
  memory(): { readonly now: number; readonly peak: number }
  forgetPeak(): void
  /** Connections open now; NaN without /proc. */
  connections(): number
  /** Samples of /metrics by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** Requests under way now, without the one that asks. */
  slots(): Promise<number>
  /** What it has written to stderr: failures it did not expect. */
  complaints(): string
  isAlive(): boolean
  /** Collects garbage and returns the megabytes of heap and buffers still held. The process may have more from the kernel. */
  collect(): Promise<number>
}

/** Starts a server. */
export async function startServer(
  settings: ServerSettings = {},
  flags: readonly string[] = [],
): Promise<ServingProcess> {
  const entry = join(import.meta.dirname, 'server.ts')
  const all = ['--conditions=@martlet/source', '--expose-gc', ...flags, entry, JSON.stringify(settings)]
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const exited = once(child, 'exit')
  // A test that timed out does not dispose of anything, and a blocked server gets no signal.
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  const [first] = await Promise.race([once(child.stdout, 'data'), exited.then(() => [''])])
  const port = Number(String(first))
  if (!(port > 0) || child.pid === undefined) throw new Error(`the server did not start: ${complaints}`)
  const folder = `/proc/${child.pid}`
  const prefix = (settings.mode ?? 'plain') === 'plain' ? '' : '/ml'
  const sockets = (): number => {
    if (!existsSync(folder)) return Number.NaN
    return readdirSync(`${folder}/fd`).filter((name) => {
      try {
        return readlinkSync(`${folder}/fd/${name}`).startsWith('socket:')
      } catch {
        return false
      }
    }).length
  }
  const without = sockets()
  const metrics = async (): Promise<ReadonlyMap<string, number>> => {
    let { status, body } = await ask(port, 'GET', `${prefix}/metrics`, { key: 'scraper' })
    // Short header timeouts run out on a busy machine before the request is read.
    for (let tries = 0; status === 408 && tries < 10; tries++)
      ({ status, body } = await ask(port, 'GET', `${prefix}/metrics`, { key: 'scraper' }))
    if (status !== 200) throw new Error(`/metrics answers ${status}: ${body}`)
    return new Map(
      body
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => {
          const space = line.lastIndexOf(' ')
          return [line.slice(0, space), Number(line.slice(space + 1))]
        }),
    )
  }
  const active = async (): Promise<number> => (await metrics()).get('http_server_active_requests') ?? Number.NaN
  // A scrape may or may not count itself.
  const atRest = await active()
  return {
    port,
    prefix,
    ask: (method, path, parts) => ask(port, method, prefix + path, parts),
    memory() {
      if (!existsSync(folder)) return { now: Number.NaN, peak: Number.NaN }
      const status = readFileSync(`${folder}/status`, 'utf8')
      const megabytes = (field: string): number =>
        Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024)
      return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') }
    },
    forgetPeak() {
      // Not every container may write this file; without it, the peak is that of the whole life.
      try {
        writeFileSync(`${folder}/clear_refs`, '5')
      } catch {}
    },
    connections: () => sockets() - without,
    metrics,
    slots: async () => (await active()) - atRest,
    complaints: () => complaints,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async collect() {
      const collected = once(child.stdout, 'data')
      child.kill('SIGUSR2')
      const [held] = await Promise.race([collected, exited.then(() => [Number.NaN])])
      return Math.round(Number(String(held)) / 2 ** 20)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(force)
    },
  }
}
