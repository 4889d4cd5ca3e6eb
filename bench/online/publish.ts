// Rows per second from column batches to a durable LMDB store, text keys, 10 features: into an empty table, over older
// rows, and older rows over newer ones.
// node --conditions=@martlet/source bench/online/publish.ts [rows]      ROUNDS
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openLmdbStore, publishRows } from '@martlet/feature-store'
import type { ColumnBatch } from '@martlet/warehouse'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { gigabytes, printTable, runsOf, text } from '../measure/report.ts'
import { median } from '../measure/statistics.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { benchBatch, benchView, randomNumbers, streamed } from './plans.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)
/** As DuckDB streams them. */
const BATCH = 16_384
const PARTS = [
  ['first', 1n],
  ['newer', 2n],
  ['older, refused', 1n],
] as const
const view = benchView(0)

const sides: Readonly<Record<string, Side>> = { 'in key order': publishing(false), shuffled: publishing(true) }
await runSideIfChild(sides)

const rounds = setting('ROUNDS', 3)
await withFolder(async (folder) => {
  const measured = await takeTurns({
    script: import.meta.filename,
    sides: Object.keys(sides),
    folder,
    rounds,
    copies: true,
    warmUp: false,
  })
  const rows = Object.keys(sides).flatMap((side) =>
    PARTS.map(([part]) => {
      const runs = runsOf(measured, side)
      const seconds = runs.map((run) => run.parts[part] ?? Number.NaN)
      const note = (name: string): number => median(runs.flatMap((run) => run.notes[`${part} ${name}`] ?? []))
      return {
        order: side,
        round: part,
        rowsPerSecond: Math.round(ROWS / median(seconds)),
        processor: note('processor'),
        peak: note('peak'),
        longestBlockMs: note('block'),
        megabytes: note('file'),
      }
    }),
  )
  for (const row of rows) console.log(JSON.stringify({ bench: 'online/publish', rows: ROWS, ...row }))
  console.log(`\n${ROWS.toLocaleString('en')} rows of 10 features, median of ${rounds} rounds\n`)
  printTable(
    ['order', 'rows', 'rows/s', 's of processor', 'peak', 'longest block', 'file'],
    rows.map(({ order, round, rowsPerSecond, processor, peak, longestBlockMs, megabytes }) => [
      order,
      round,
      rowsPerSecond.toLocaleString('en'),
      text(processor),
      gigabytes(peak),
      `${text(longestBlockMs)} ms`,
      `${text(megabytes)} MB`,
    ]),
  )
})

function publishing(shuffle: boolean): Side {
  return async (folder, clock) => {
    const random = randomNumbers(7)
    const order = Uint32Array.from({ length: ROWS }, (_, index) => index)
    if (shuffle) {
      for (let index = ROWS - 1; index > 0; index--) {
        const other = Math.floor(random() * (index + 1))
        const value = order[index] ?? 0
        order[index] = order[other] ?? 0
        order[other] = value
      }
    }
    await using store = openLmdbStore({ path: folder })
    for (const [part, time] of PARTS) {
      const input = batches(order, time, random)
      const delay = monitorEventLoopDelay({ resolution: 1 })
      delay.enable()
      const before = process.cpuUsage()
      await clock.time(part, () => publishRows(store, view, streamed(input)))
      const { user, system } = process.cpuUsage(before)
      delay.disable()
      clock.note(`${part} processor`, (user + system) / 1e6)
      clock.note(`${part} peak`, process.resourceUsage().maxRSS * 1024)
      clock.note(`${part} block`, delay.max / 1e6)
      clock.note(`${part} file`, (await stat(join(folder, 'data.mdb'))).size / 1e6)
    }
  }
}

function batches(order: Uint32Array, time: bigint, random: () => number): readonly ColumnBatch[] {
  return Array.from({ length: Math.ceil(ROWS / BATCH) }, (_, index) =>
    benchBatch(order.subarray(index * BATCH, (index + 1) * BATCH), time, random),
  )
}
