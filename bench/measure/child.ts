import { fork } from 'node:child_process'
import process from 'node:process'

/** What one run of one side took, in a process of its own. */
export interface Measurement {
  /** Seconds of the parts that were timed. */
  readonly seconds: number
  /** Seconds of processor, of all threads. */
  readonly processor: number
  /** The largest resident set of the process in bytes, from its start on. */
  readonly peak: number
  /** Seconds by part, in the order in which they ran. */
  readonly parts: Readonly<Record<string, number>>
  /** Whatever else the side has found out, such as a number of rows. */
  readonly notes: Readonly<Record<string, number>>
}

export interface Clock {
  /** Times one part of the work. What a side does outside of parts, such as opening files, does not count. */
  time<T>(part: string, work: () => Promise<T>): Promise<T>
  /** Adds a figure to the measurement; a part within a timed one, for example. */
  note(name: string, figure: number): void
}

/** One way of doing the work, on the data in a folder. */
export type Side = (folder: string, clock: Clock) => Promise<unknown>

const SIDE = 'MARTLET_BENCH_SIDE'
const FOLDER = 'MARTLET_BENCH_FOLDER'

/**
 * The engines run within the process, so memory can only be told apart by process: a script calls this first, and in a
 * process that `measure` has started it runs one side, reports and exits.
 */
export async function runSideIfChild(sides: Readonly<Record<string, Side>>): Promise<void> {
  const name = process.env[SIDE]
  if (name === undefined) return
  const side = sides[name]
  if (side === undefined) throw new Error(`There is no side ${name}; there are ${Object.keys(sides).join(', ')}.`)
  const parts: Record<string, number> = {}
  const notes: Record<string, number> = {}
  let seconds = 0
  let processor = 0
  await side(process.env[FOLDER] ?? '.', {
    async time(part, work) {
      const before = process.cpuUsage()
      const start = performance.now()
      const result = await work()
      const took = (performance.now() - start) / 1000
      const { user, system } = process.cpuUsage(before)
      seconds += took
      processor += (user + system) / 1e6
      parts[part] = (parts[part] ?? 0) + took
      return result
    },
    note(what, figure) {
      notes[what] = figure
    },
  })
  const peak = process.resourceUsage().maxRSS * 1024
  const measurement: Measurement = { seconds, processor, peak, parts, notes }
  process.send?.(measurement)
  process.disconnect()
  // Whatever a side has left open must not keep the others waiting.
  process.exit(0)
}

/** Runs a side of a script in a process of its own. */
export function measure(script: string, side: string, folder: string): Promise<Measurement> {
  const child = fork(script, process.argv.slice(2), {
    execArgv: ['--conditions=@martlet/source'],
    env: { ...process.env, [SIDE]: side, [FOLDER]: folder },
  })
  return new Promise((resolve, reject) => {
    let found: Measurement | undefined
    child.on('message', (message: Measurement) => (found = message))
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      found === undefined
        ? reject(new Error(`${side} ended with ${signal ?? `code ${code}`} and without a result.`))
        : resolve(found),
    )
  })
}
