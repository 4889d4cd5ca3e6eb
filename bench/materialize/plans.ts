// The rows of one view by a scan of its events and by tiles, from few feature times to many: where one becomes cheaper
// than the other, and where the cost function says so.
// node --conditions=@martlet/source bench/materialize/plans.ts      EVENTS, ENTITIES, ROUNDS
import process from 'node:process'
import { openDuckDb, sql } from '@martlet/warehouse'
import { choosePlan } from '../../packages/feature-store/src/compile/plan-choice.ts'
import { compileViewRows } from '../../packages/feature-store/src/compile/view-sql.ts'
import { printTable, text } from '../measure/report.ts'
import { median } from '../measure/statistics.ts'
import { setting } from '../measure/turns.ts'
import { DAY, makeUsage } from '../usage/table.ts'
import { nightly } from './nightly.ts'

const events = setting('EVENTS', 500_000)
const rounds = setting('ROUNDS', 3)
const END = Date.UTC(2025, 4, 2)
const DAYS = 150
const micros = (time: number): bigint => BigInt(time) * 1000n

const rows: string[][] = []
for (const entities of [setting('ENTITIES', 500), setting('ENTITIES', 500) * 10, setting('ENTITIES', 500) * 100]) {
  await using warehouse = await openDuckDb({ path: ':memory:', memoryLimit: '8GB' })
  await makeUsage(warehouse, { entities, events, end: END, days: DAYS })
  for (const instants of [1, 2, 4, 8, 16, 32]) {
    const range = { from: micros(END - (instants - 1) * DAY), to: micros(END) + 1n }
    const took = new Map<'scan' | 'dense', number[]>([
      ['scan', []],
      ['dense', []],
    ])
    for (let round = 0; round < rounds; round++) {
      const sides = [...took]
      for (const [lookup, seconds] of round % 2 === 0 ? sides : sides.toReversed()) {
        const { prepare, query, cleanup } = compileViewRows(warehouse, nightly.plan, range, { lookup })
        const start = process.cpuUsage()
        await warehouse.session(async (session) => {
          for (const statement of prepare) await session.run(statement)
          await session.run(sql`CREATE OR REPLACE TEMPORARY TABLE made AS ${query}`)
          for (const statement of cleanup) await session.run(statement)
        })
        const { user, system } = process.cpuUsage(start)
        seconds.push((user + system) / 1e6)
      }
    }
    const choice = choosePlan(nightly.plan, { events, entities, span: DAYS * DAY * 1000 }, instants)
    const [scan = 0, tiles = 0] = [...took.values()].map(median)
    rows.push([entities.toLocaleString('en'), String(instants), text(scan), text(tiles), choice.reason])
  }
}
console.log(`${events.toLocaleString('en')} events, 20 features; median of ${rounds} rounds\n`)
printTable(['entities', 'feature times', 'scan, s of processor', 'tiles, s of processor', 'chosen'], rows)
