import { fork, type ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import process from 'node:process'
import type { Taker } from './hand-out.ts'
import type { MetricSamples } from '../desk/desk-metrics.ts'
import { WORKER_VARIABLE, type ToParent, type ToWorker } from './messages.ts'

export interface WorkerScript {
  /** The file that Node runs. */
  readonly script: string
  readonly args?: readonly string[]
  /** @default the options of this process, such as `--conditions` */
  readonly execArgv?: readonly string[]
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** `'pipe'`: `onSpawn` reads what it prints. @default 'inherit' */
  readonly output?: 'inherit' | 'pipe'
  /** Called with each process that is started. */
  readonly onSpawn?: (child: ChildProcess, number: number) => void
}

export interface WorkerEnd {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Connections that were open. */
  readonly connections: number
}

export type WorkerState = 'starting' | 'ready' | 'stopping' | 'ended'

/** What happens to a worker, told to its supervisor. */
export interface WorkerWatch {
  readonly onReady: (worker: WorkerProcess) => void
  /** It was told by another to end, such as by a signal, and finishes what is under way. */
  readonly onLeaving: (worker: WorkerProcess) => void
  readonly onFree: () => void
  readonly onAsked: (worker: WorkerProcess, id: number) => void
  readonly onEnd: (worker: WorkerProcess, end: WorkerEnd, unconfirmed: readonly Socket[]) => void
}

/** One process that answers, seen from the one that started it. */
export class WorkerProcess implements Taker {
  readonly number: number
  readonly ended: Promise<WorkerEnd>
  state: WorkerState = 'starting'
  open = 0
  memory = 0
  /** The newest that is known of it. */
  samples: MetricSamples = []
  readonly #child: ChildProcess
  readonly #unconfirmed: Socket[] = []
  readonly #measuring = new Map<number, (heard: boolean) => void>()
  readonly #watch: WorkerWatch
  #asked = 0

  constructor(number: number, of: number, host: string, what: WorkerScript, watch: WorkerWatch) {
    this.number = number
    this.#watch = watch
    const output = what.output ?? 'inherit'
    this.#child = fork(what.script, what.args ?? [], {
      execArgv: [...(what.execArgv ?? process.execArgv)],
      env: { ...process.env, ...what.env, [WORKER_VARIABLE]: JSON.stringify({ number, host, of }) },
      // Signals of a terminal reach the parent only, which tells its workers.
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
    })
    what.onSpawn?.(this.#child, number)
    this.#child.on('message', (message: ToParent) => this.#receive(message))
    this.#child.on('error', () => undefined)
    this.ended = endOf(this.#child).then((how) => this.#end(how))
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get underWay(): number {
    return this.#unconfirmed.length
  }

  send(socket: Socket): void {
    this.#unconfirmed.push(socket)
    this.open++
    // Kept open here until it is confirmed, so that it can go to another worker if this one dies.
    this.#child.send({ kind: 'connection' } satisfies ToWorker, socket, { keepOpen: true }, () => undefined)
  }

  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Asks for its metrics; false when they have not come in time. */
  measure(waitMs: number): Promise<boolean> {
    const id = this.#asked++
    return new Promise((resolve) => {
      const done = (heard: boolean): void => {
        clearTimeout(late)
        this.#measuring.delete(id)
        resolve(heard)
      }
      const late = setTimeout(() => done(false), waitMs)
      this.#measuring.set(id, done)
      this.tell({ kind: 'measure', id })
    })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #receive(message: ToParent): void {
    if ('memory' in message) {
      this.memory = message.memory
      this.open = message.open + this.#unconfirmed.length
    }
    switch (message.kind) {
      case 'ready':
        return this.#watch.onReady(this)
      case 'leaving':
        return this.#watch.onLeaving(this)
      case 'taken':
        // They are confirmed in the order in which they were sent.
        this.#unconfirmed.shift()?.destroy()
        this.open = message.open + this.#unconfirmed.length
        return this.#watch.onFree()
      case 'measured':
        this.samples = message.samples
        return this.#measuring.get(message.id)?.(true)
      case 'last':
        this.samples = message.samples
        return
      case 'ask-page':
        return this.#watch.onAsked(this, message.id)
      case 'report':
    }
  }

  #end(how: Omit<WorkerEnd, 'connections'>): WorkerEnd {
    const unconfirmed = this.#unconfirmed.splice(0)
    const end = { ...how, connections: this.open - unconfirmed.length }
    this.open = 0
    for (const done of this.#measuring.values()) done(false)
    this.#watch.onEnd(this, end, unconfirmed)
    this.state = 'ended'
    return end
  }
}

/** When a process has ended and everything that it said has been read: what it did not confirm, it has not touched. */
function endOf(child: ChildProcess): Promise<Omit<WorkerEnd, 'connections'>> {
  return new Promise((resolve) => {
    let how: Omit<WorkerEnd, 'connections'> | undefined
    const look = (): void => void (how !== undefined && !child.connected && resolve(how))
    child.once('exit', (exitCode, signal) => {
      how = { exitCode, signal }
      look()
    })
    child.once('disconnect', look)
    child.once('error', () => child.pid === undefined && resolve({ exitCode: null, signal: null }))
  })
}
