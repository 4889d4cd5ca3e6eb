/**
 * Two workers against one, in turns on one machine. With two processors there is none for the client, so three figures are
 * given: requests a second as they are, with the share of the client; processor time of all server processes for one
 * request, which grows where workers are in each other's way; and what follows from it for a client on another machine.
 * The large request is the one to look at, because its client is light.
 *
 * node --conditions=@martlet/source bench/http/workers.ts [seconds a run] [rounds]
 */
import { mkdir } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServingWorkers } from '@martlet/serving'
import { cpuTime, load, median, memoryOf, startWorkers, type Load, type LoadOptions } from './processes.ts'

const [seconds = '5', rounds = '4'] = process.argv.slice(2)
const folder = join(tmpdir(), 'martlet-bench-http')
await mkdir(folder, { recursive: true })

interface Run extends Load {
  /** Microseconds of processor time for one request: of the workers, and of the process that accepts connections. */
  readonly workerCpu: number
  readonly parentCpu: number
}

async function run({ port, workers }: ServingWorkers, options: Omit<LoadOptions, 'seconds'>): Promise<Run> {
  const times = async (): Promise<readonly number[]> =>
    Promise.all(workers.map(({ pid }) => cpuTime(pid))).then((all) => all)
  const [before, own] = [await times(), process.cpuUsage()]
  const result = await load(port, { ...options, seconds: Number(seconds) })
  const [after, ownAfter] = [await times(), process.cpuUsage(own)]
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)
  return {
    ...result,
    workerCpu: (sum(after) - sum(before)) / result.answered,
    parentCpu: (ownAfter.user + ownAfter.system) / result.answered,
  }
}

const range = (values: readonly number[], digits = 0): string =>
  `${median(values).toFixed(digits)} [${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}]`

const one = await startWorkers(1, folder)
const two = await startWorkers(2, folder)
process.stdout.write(
  `node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model}, ${rounds} rounds of ${seconds} s; ` +
    'median [range]\n\n',
)
for (const [service, what, connections] of [
  ['large', '100 entities × 250 features, 25 views', 8],
  ['small', '1 entity × 50 features, 5 views', 32],
] as const) {
  const runs: { readonly one: Run[]; readonly two: Run[] } = { one: [], two: [] }
  for (let round = 0; round < Number(rounds); round++) {
    const sides = [() => run(one, { service, connections }), () => run(two, { service, connections })] as const
    if (round % 2 === 0) {
      runs.one.push(await sides[0]())
      runs.two.push(await sides[1]())
    } else {
      runs.two.push(await sides[1]())
      runs.one.push(await sides[0]())
    }
  }
  const line = (name: string, all: readonly Run[]): string =>
    `  ${name}  ${range(all.map(({ perSecond }) => perSecond))} req/s, p99 ${range(
      all.map(({ p99 }) => p99),
      1,
    )} ms, ${range(all.map(({ workerCpu }) => workerCpu))} µs of CPU a request, parent ${range(
      all.map(({ parentCpu }) => parentCpu),
      1,
    )}, client ${range(all.map(({ clientCpu }) => clientCpu))}`
  const ratios = runs.one.map((single, round) => ({ single, pair: runs.two[round] ?? single }))
  process.stdout.write(
    [
      what,
      line('one worker ', runs.one),
      line('two workers', runs.two),
      `  two to one   ${range(
        ratios.map(({ single, pair }) => pair.perSecond / single.perSecond),
        2,
      )} by requests, with the client on the same processors`,
      `               ${range(
        ratios.map(({ single, pair }) => (2 * single.workerCpu) / pair.workerCpu),
        2,
      )} by processor time: two processors at the cost of a request on two workers`,
      `  not 200      ${[...runs.one, ...runs.two].reduce((sum, { other }) => sum + other, 0)}`,
      '',
    ].join('\n'),
  )
}
process.stdout.write('memory after that, MB       resident   its share   peak\n')
const shown = async (name: string, pid: number): Promise<void> => {
  const { resident, share, peak } = await memoryOf(pid)
  process.stdout.write(
    `  ${name.padEnd(24)}${resident.toFixed(0).padStart(10)}${share.toFixed(0).padStart(12)}${peak.toFixed(0).padStart(7)}\n`,
  )
}
for (const { pid } of one.workers) await shown('the only worker', pid)
for (const { worker, pid } of two.workers) await shown(`worker ${worker} of two`, pid)
await shown('the parent of both', process.pid)
await Promise.all([one.close(), two.close()])
