import { spawn } from 'node:child_process'
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { serveWorkers, type ServingWorkers } from '@martlet/serving'

/** What one run of `load.ts` found. */
export interface Load {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly other: number
  readonly answered: number
  /** Microseconds of the client's processor time for one request. */
  readonly clientCpu: number
}

export interface LoadOptions {
  /** A service of the fixture, or a path and the body to send: `/path*{…}`. */
  readonly service: 'small' | 'large' | 'predict' | `/${string}`
  readonly connections: number
  readonly seconds: number
  /** Requests a second; 0: as many as are answered. */
  readonly rate?: number
}

/** Sends requests from a process of its own. */
export async function load(port: number, { service, connections, seconds, rate = 0 }: LoadOptions): Promise<Load> {
  const args = [port, service, connections, seconds, rate].map(String)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'load.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout))
}

/** Starts workers on a store that is filled; `log` is a folder for predictions. */
export function startWorkers(workers: number, folder: string, log = ''): Promise<ServingWorkers> {
  return serveWorkers({
    script: join(import.meta.dirname, 'worker.ts'),
    args: [folder, log],
    workers,
    port: 0,
    onEvent(event) {
      if (event.type !== 'worker-started') process.stderr.write(`${JSON.stringify(event)}\n`)
    },
  })
}

/** User and system time of a process so far, in microseconds (Linux counts in hundredths of a second). */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

export interface Memory {
  /** Resident megabytes, those that it shares with others included. */
  readonly resident: number
  /** What no file backs, such as heaps; not the pages of a store. */
  readonly anonymous: number
  /** The same, with what is shared divided by the number of processes that share it. */
  readonly share: number
  readonly peak: number
}

export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  const megabytes = (of: string, field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(of)?.[1] ?? Number.NaN) / 1024
  return {
    resident: megabytes(status, 'VmRSS'),
    anonymous: megabytes(status, 'RssAnon'),
    share: megabytes(rollup, 'Pss'),
    peak: megabytes(status, 'VmHWM'),
  }
}

/** The signal that asks a process to collect its garbage and to say what it still holds. */
const COLLECT = 'SIGUSR2'

/** From now on, {@link heldMemory} can ask this process; it answers in a file of the folder. */
export function answerWhatIsHeld(folder: string): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  process.on(COLLECT, () => {
    if (typeof collect === 'function') collect()
    const { heapUsed, external } = process.memoryUsage()
    const path = join(folder, `held-${process.pid}`)
    writeFileSync(`${path}.new`, String(heapUsed + external))
    renameSync(`${path}.new`, path)
  })
}

/** Megabytes that the objects of a process hold after its garbage was collected, those outside V8's heap included. */
export async function heldMemory(pid: number, folder: string): Promise<number> {
  const path = join(folder, `held-${pid}`)
  await rm(path, { force: true })
  process.kill(pid, COLLECT)
  while (!existsSync(path)) await new Promise((done) => setTimeout(done, 20))
  return Number(await readFile(path, 'utf8')) / 2 ** 20
}

/** Files, sockets and pipes that a process has open. */
export async function openFiles(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
