// What people run every night: one new instant, from facts through the feature table to LMDB, against one GROUP BY by hand
// that computes the same 20 columns and writes the same table. The day before is already materialized.
// node --conditions=@martlet/source bench/materialize/new-instant.ts [10k] [100k] [1m] [tiny]      ROUNDS, MEMORY
import { join } from 'node:path'
import process from 'node:process'
import { materialize, openCatalog, openLmdbStore } from '@martlet/feature-store'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Clock, type Side } from '../measure/child.ts'
import { gigabytes, medianOf, printRatio, printTable, runsOf, text } from '../measure/report.ts'
import { median } from '../measure/statistics.ts'
import { setting, takeTurns, withFolder, type Measured } from '../measure/turns.ts'
import { rowsByHand } from '../usage/by-hand.ts'
import { DAY, instant, makeUsage } from '../usage/table.ts'
import { nightly, nightlyFeatures } from './nightly.ts'
import { noteSteps } from './steps.ts'

const SIZES = {
  tiny: { entities: 1_000, events: 50_000 },
  '10k': { entities: 10_000, events: 500_000 },
  '100k': { entities: 100_000, events: 500_000 },
  '1m': { entities: 1_000_000, events: 5_000_000 },
} as const
const given = process.argv.slice(2)
const chosen = Object.entries(SIZES).filter(([name]) => given.includes(name) || (given.length === 0 && name !== 'tiny'))
const rounds = setting('ROUNDS', 3)
const memoryLimit = process.env['MEMORY'] ?? '12GB'

const YESTERDAY = Date.UTC(2025, 4, 1)
const TODAY = YESTERDAY + DAY
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit })

const sides: Readonly<Record<string, Side>> = {
  Martlet: (folder, clock) => run(folder, TODAY, clock),
  'SQL by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('compute and write', () => insertByHand(warehouse))
  },
  'writing the rows alone': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('write', () =>
      warehouse.run(sql`INSERT INTO by_hand.nightly SELECT * FROM by_hand.nightly ORDER BY customer_id`),
    )
  },
}
await runSideIfChild(sides)

for (const [, size] of chosen) {
  await withFolder(async (folder) => {
    {
      await using warehouse = await open(folder)
      // Five months: the last window reaches back three.
      await makeUsage(warehouse, { ...size, end: TODAY, days: 150 })
    }
    await run(folder, YESTERDAY)
    {
      await using warehouse = await open(folder)
      await warehouse.run(sql`CREATE SCHEMA by_hand`)
      // Yesterday's rows are in both tables: the engine writes their last block again.
      await warehouse.run(sql`CREATE TABLE by_hand.nightly AS SELECT * FROM features.nightly ORDER BY customer_id`)
    }
    const measured = await takeTurns({
      script: import.meta.filename,
      sides: Object.keys(sides),
      folder,
      rounds,
      copies: true,
      warmUp: false,
      after: check,
    })
    print(size, measured)
  })
}

function insertByHand(warehouse: Warehouse): Promise<number> {
  return warehouse.run(
    sql`INSERT INTO by_hand.nightly SELECT *, 'run' AS run_id FROM (${rowsByHand(nightlyFeatures, TODAY)}) r`,
  )
}

/** Materializes one instant; of an earlier run's state, the next one. */
async function run(folder: string, now: number, clock?: Clock): Promise<void> {
  await using warehouse = await open(folder)
  await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
  await using online = openLmdbStore({ path: join(folder, 'online') })
  const options = { warehouse, catalog, online, views: [nightly], now: new Date(now) }
  if (clock === undefined) {
    await materialize({ ...options, from: new Date(now) })
    return
  }
  const steps = noteSteps(clock)
  await clock.time('run', () => materialize({ ...options, onProgress: steps.onProgress }))
  steps.end()
}

async function check(side: string, folder: string): Promise<void> {
  if (side !== 'Martlet') return
  await using warehouse = await open(folder)
  await insertByHand(warehouse)
  const today = sql`feature_time = TIMESTAMP ${sql.lit(instant(TODAY))}`
  await checkEqual(warehouse, {
    what: 'Martlet against SQL by hand',
    left: sql`(SELECT * FROM features.nightly WHERE ${today})`,
    right: sql`(SELECT * FROM by_hand.nightly WHERE ${today})`,
    keys: ['customer_id', 'feature_time'],
    columns: nightlyFeatures.map((name) => ({ left: name, right: name })),
  })
}

function print({ entities, events }: { entities: number; events: number }, measured: Measured): void {
  const size = `${entities.toLocaleString('en')} entities, ${events.toLocaleString('en')} events`
  console.log(`\n${size}, ${nightlyFeatures.length} features, one new instant; ${medianOf(rounds)}\n`)
  const steps = ['plan', 'check', 'compute', 'publish']
  printTable(
    ['', 's', 's of processor', 'peak', ...steps.map((step) => (step === 'compute' ? 'compute and write' : step))],
    [...measured].map(([side, runs]) => [
      side,
      text(median(runs.map(({ seconds }) => seconds))),
      text(median(runs.map(({ processor }) => processor))),
      gigabytes(median(runs.map(({ peak }) => peak))),
      ...steps.map((step) => {
        const found = runs.flatMap(({ notes }) => notes[step] ?? [])
        return found.length === 0 ? '–' : text(median(found))
      }),
    ]),
  )
  const short = `${entities.toLocaleString('en')} × 1 instant`
  printRatio(measured, `${short}: Martlet with publishing / SQL by hand`, 'Martlet', 'SQL by hand')
  const hand = runsOf(measured, 'SQL by hand')
  const ratios = runsOf(measured, 'Martlet').map(
    ({ notes }, round) => (notes['compute'] ?? Number.NaN) / (hand[round]?.seconds ?? Number.NaN),
  )
  console.log(`${short}: compute and write / SQL by hand   ${median(ratios).toFixed(2)}   (aim: at most 1.5)`)
  const peaks = runsOf(measured, 'Martlet').map(({ peak }, round) => peak / (hand[round]?.peak ?? Number.NaN))
  console.log(`${short}: peak memory, Martlet / SQL by hand   ${median(peaks).toFixed(2)}   (aim: at most 2)`)
}
