import { join } from 'node:path'
import process from 'node:process'
import { spawn, type ChildProcess } from 'node:child_process'
import {
  applyDeployment,
  openDuckDb,
  planDeployment,
  readDeployment,
  rowsOf,
  sql,
  type Warehouse,
} from '@martlet/warehouse'
import { writeWorld, makeWorld } from '../../src/generate/write-world.ts'

const example = join(import.meta.dirname, '../..')
const martlet = join(example, '../../packages/cli/bin/martlet.js')
/** Where the histories of the tests end. */
export const END = '2026-03-10T12:00:00Z'

/** The example's project with its state in a folder of the test. */
export class TestPlatform {
  readonly #state: string
  readonly #running = new Set<ChildProcess>()

  constructor(state: string) {
    this.#state = state
  }

  /** Deploys the files of the example and writes a small world. */
  async prepare(): Promise<void> {
    await this.open(async (warehouse) => {
      const deployment = await readDeployment({ engine: 'duckdb', folder: join(example, 'sql/duckdb') })
      await applyDeployment(warehouse, deployment, await planDeployment(warehouse, deployment), { actor: 'tester' })
      await writeWorld(
        warehouse,
        makeWorld({ seed: 2, customers: 12, days: 10, companyDays: 70, end: Date.parse(END) }),
      )
    })
  }

  /** Works in the warehouse, when no worker has it open. */
  async open<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
    await using warehouse = await openDuckDb({
      path: join(this.#state, 'warehouse.duckdb'),
      memoryLimit: '2GB',
      wait: { milliseconds: 60_000 },
    })
    return await work(warehouse)
  }

  rows(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.open(async (warehouse) => rowsOf(await warehouse.read(sql.raw(text))))
  }

  get artifacts(): string {
    return join(this.#state, 'artifacts/jobs/sha256')
  }

  /** Starts a command of martlet in the example. */
  start(...args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, ['--conditions=@martlet/source', martlet, ...args, '--json'], {
      cwd: example,
      env: { ...process.env, OPERATIONS_STATE: this.#state, OPERATIONS_UNTIL: END },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
    return child
  }

  /** Resolves when a command has printed something that matches. */
  printed(child: ChildProcess, pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = ''
      const read = (chunk: Buffer): void => {
        text += chunk.toString()
        const found = pattern.exec(text)
        if (found !== null) resolve(found[0])
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      child.once('close', (code) => reject(new Error(`ended with ${code}: ${text}`)))
    })
  }

  /** Resolves with what a command printed to stdout, when it has ended. */
  async ended(
    child: ChildProcess,
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, stdout, stderr }
  }

  /** Ends what is left, at once. */
  async stop(): Promise<void> {
    const all = [...this.#running].map((child) => new Promise((resolve) => child.once('close', resolve)))
    for (const child of this.#running) child.kill('SIGKILL')
    await Promise.all(all)
  }
}
