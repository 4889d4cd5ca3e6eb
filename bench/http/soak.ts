/**
 * Two workers at half load for an hour: reads, and predictions that are logged. Every minute notes what each process holds after
 * its garbage was collected, its memory that no file backs, its open files, and the p99 of each kind of request. Fails when one of
 * them grows, when an answer is not 200, or when a worker ends. In runs of less than ten minutes p99 is only shown, because the
 * machine may be shared, and memory that nothing holds may grow by a step.
 *
 * node --conditions=@martlet/source bench/http/soak.ts [--minutes 60] [--workers 2]
 */
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { answerWhatIsHeld, heldMemory, load, median, memoryOf, openFiles, startWorkers } from './processes.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: process.env['SOAK_MINUTES'] ?? '60' },
    workers: { type: 'string', default: '2' },
  },
})
const minutes = Number(values.minutes)
const store = join(tmpdir(), 'martlet-bench-http')
const log = join(tmpdir(), `martlet-soak-${process.pid}`)
await mkdir(store, { recursive: true })
const running = await startWorkers(Number(values.workers), store, log)
const pids = new Map([
  ['parent', process.pid],
  ...running.workers.map(({ worker, pid }) => [`worker ${worker}`, pid] as const),
])
const kinds = ['small', 'predict'] as const
answerWhatIsHeld(store)

/** A process has some files open for a moment; one that is left at every rotation of the log would be ten a minute. */
const FILES_OF_A_MOMENT = 3

/** Megabytes. What a process takes of the system it takes in steps: one of 62 was seen in the second of six minutes, and no other. */
const STEP = minutes >= 10 ? 10 : 80
const connections = 16

/** What one minute showed; by process and by kind of request. */
interface Minute {
  readonly held: Readonly<Record<string, number>>
  readonly memory: Readonly<Record<string, number>>
  readonly files: Readonly<Record<string, number>>
  readonly p99: Readonly<Record<string, number>>
  readonly other: number
  readonly answered: number
}

/** Waits until the connections of the last minute have gone, so that only what stays is counted. */
async function quiet(): Promise<void> {
  while (running.workers.some(({ connections: open }) => open > 0)) await new Promise((done) => setTimeout(done, 50))
  // Files of the log are finished after five seconds.
  await new Promise((done) => setTimeout(done, 6000))
}

async function each<T>(measure: (pid: number) => Promise<T>): Promise<Readonly<Record<string, T>>> {
  return Object.fromEntries(
    await Promise.all([...pids].map(async ([name, pid]) => [name, await measure(pid)] as const)),
  )
}

/** Both kinds at once, each at a quarter of what it reaches alone. */
const rates = new Map<string, number>()
for (const service of kinds) {
  const { perSecond } = await load(running.port, { service, connections, seconds: 5 })
  rates.set(service, Math.round(perSecond / 4))
}
process.stdout.write(
  `${minutes} minutes of ${kinds.map((kind) => `${rates.get(kind)} ${kind}`).join(' and ')} a second\n`,
)
await quiet()

async function minute(): Promise<Minute> {
  const loads = await Promise.all(
    kinds.map((service) => load(running.port, { service, connections, seconds: 52, rate: rates.get(service) ?? 1 })),
  )
  await fetch(`${running.url}/metrics`, { headers: { connection: 'close' } }).then((answer) => answer.text())
  await quiet()
  return {
    held: await each((pid) => heldMemory(pid, store)),
    memory: await each(async (pid) => (await memoryOf(pid)).anonymous),
    files: await each(openFiles),
    p99: Object.fromEntries(kinds.map((kind, index) => [kind, loads[index]?.p99 ?? Number.NaN])),
    other: loads.reduce((sum, { other }) => sum + other, 0),
    answered: loads.reduce((sum, { answered }) => sum + answered, 0),
  }
}

const seen: Minute[] = []
const shown = (values: Readonly<Record<string, number>>, digits: number): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value.toFixed(digits)}`)
    .join(', ')
for (let count = 1; count <= minutes; count++) {
  const now = await minute()
  seen.push(now)
  process.stdout.write(
    `minute ${count}: ${now.answered} answers, ${now.other} not 200; MB held ${shown(now.held, 0)}; MB taken ${shown(now.memory, 0)}; ` +
      `open files ${shown(now.files, 0)}; p99 ms ${shown(now.p99, 2)}\n`,
  )
}

/** The medians of the first and the last quarter, without the first minute, in which memory is still being taken. */
function ends(of: (minute: Minute) => number): { readonly first: number; readonly last: number } {
  const steady = seen.length > 2 ? seen.slice(1) : seen
  const quarter = Math.max(1, Math.floor(steady.length / 4))
  return { first: median(steady.slice(0, quarter).map(of)), last: median(steady.slice(-quarter).map(of)) }
}

const problems: string[] = []
for (const name of pids.keys()) {
  const held = ends((at) => at.held[name] ?? Number.NaN)
  if (!(held.last <= held.first * 1.1 + 10))
    problems.push(`${name} holds ${held.last.toFixed(0)} MB, and held ${held.first.toFixed(0)}`)
  const memory = ends((at) => at.memory[name] ?? Number.NaN)
  if (!(memory.last <= memory.first * 1.1 + STEP))
    problems.push(`memory of ${name} grew from ${memory.first.toFixed(0)} to ${memory.last.toFixed(0)} MB`)
  const files = ends((at) => at.files[name] ?? Number.NaN)
  if (!(files.last <= files.first + FILES_OF_A_MOMENT))
    problems.push(`open files of ${name} grew from ${files.first} to ${files.last}`)
}
if (minutes >= 10)
  for (const kind of kinds) {
    const p99 = ends((at) => at.p99[kind] ?? Number.NaN)
    if (!(p99.last <= p99.first * 1.5 + 1))
      problems.push(`p99 of ${kind} grew from ${p99.first.toFixed(2)} to ${p99.last.toFixed(2)} ms`)
  }
const other = seen.reduce((sum, minute) => sum + minute.other, 0)
if (other > 0) problems.push(`${other} answers were not 200`)
for (const { worker, pid } of running.workers)
  if (pids.get(`worker ${worker}`) !== pid) problems.push(`worker ${worker} has ended and was replaced`)
await running.close()
await rm(log, { recursive: true, force: true })
process.stdout.write(problems.length === 0 ? 'flat\n' : `${problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
