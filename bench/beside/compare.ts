import { availableParallelism, cpus } from 'node:os'
import { load, median } from '../http/processes.ts'
import type { ServerProcess } from './python-process.ts'

export interface Side {
  readonly name: string
  readonly server: ServerProcess
  /** The path and the body that this side is asked with. */
  readonly request: `/${string}`
}

export interface Round {
  readonly connections: number
  readonly seconds: number
  readonly rounds: number
}

interface Run {
  readonly cpu: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly other: number
}

async function run({ server, request }: Side, { connections, seconds }: Round): Promise<Run> {
  const before = await server.cpu()
  const result = await load(server.port, { service: request, connections, seconds })
  return { ...result, cpu: ((await server.cpu()) - before) / result.answered }
}

/** Asks all sides in turns, the first of one round last in the next, and prints each and its ratio to the first one. */
export async function compare(title: string, sides: readonly Side[], round: Round): Promise<void> {
  const runs = new Map<string, Run[]>(sides.map(({ name }) => [name, []]))
  for (let turn = 0; turn < round.rounds; turn++)
    for (const side of turn % 2 === 0 ? sides : sides.toReversed()) runs.get(side.name)?.push(await run(side, round))
  console.log(
    `\n${title}: ${round.connections} connections, ${round.rounds} rounds of ${round.seconds} s, node ${process.version}, ` +
      `${availableParallelism()} × ${cpus()[0]?.model.trim()}`,
  )
  const first = runs.get(sides[0]?.name ?? '') ?? []
  for (const { name, server } of sides) {
    const own = runs.get(name) ?? []
    const of = (pick: (run: Run) => number, digits = 0): string => median(own.map(pick)).toFixed(digits)
    const ratios = own.map(({ cpu }, index) => cpu / (first[index]?.cpu ?? Number.NaN))
    console.log(
      `  ${name.padEnd(10)} ${of((each) => each.cpu)} µs of CPU a request (${median(ratios).toFixed(2)} of ${sides[0]?.name}), ` +
        `${of((each) => each.perSecond)} req/s, p50 ${of((each) => each.p50, 2)} ms, p99 ${of((each) => each.p99, 2)} ms, ` +
        `peak ${(await server.peak()).toFixed(0)} MB, not 200: ${own.reduce((sum, { other }) => sum + other, 0)}`,
    )
  }
}
