import { join } from 'node:path'
import process from 'node:process'
import { onTestFinished } from 'vitest'
import {
  serveWorkers,
  type ListenOptions,
  type ServeWorkersOptions,
  type ServingWorkers,
  type WorkerEvent,
} from '../../../src/index.ts'
import type { WorkerSettings } from './settings.ts'

export interface StartedWorkers extends ServingWorkers {
  readonly events: readonly WorkerEvent[]
  /** Samples of /metrics by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>
}

export const compileCache: string = join(import.meta.dirname, '../../../../../.tmp/compile-cache')

/** Two workers on a free port, closed when the test has ended. */
export async function startWorkers(
  script: 'worker.ts' | 'light-worker.ts',
  settings: WorkerSettings | ListenOptions,
  options: Partial<ServeWorkersOptions> = {},
): Promise<StartedWorkers> {
  const events: WorkerEvent[] = []
  const running = await serveWorkers({
    script: join(import.meta.dirname, script),
    args: [JSON.stringify(settings)],
    execArgv: ['--conditions=@martlet/source'],
    // What workers import is compiled once.
    env: { NODE_COMPILE_CACHE: compileCache },
    workers: 2,
    port: 0,
    signals: false,
    shutdownMs: 500,
    onEvent: (event) => events.push(event),
    ...options,
  })
  onTestFinished(() => running.close())
  return Object.assign(Object.create(running), {
    events,
    metrics: () => metricsOf(running.url),
  })
}

export async function metricsOf(url: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

/** The requests of a route that were answered with a status. */
export function answered(metrics: ReadonlyMap<string, number>, route: string, status = 200): number {
  const suffix = `route="${route}",status="${status}"}`
  return [...metrics].reduce(
    (sum, [name, value]) =>
      name.startsWith('http_server_request_duration_seconds_count') && name.endsWith(suffix) ? sum + value : sum,
    0,
  )
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
