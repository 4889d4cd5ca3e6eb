// A backfill: 10,000 entities at 365 instants, 20 features from 2 M events, written and published.
// node --conditions=@martlet/source bench/materialize/year.ts [instants]      EVENTS, ENTITIES, ROUNDS, MEMORY
import { join } from 'node:path'
import process from 'node:process'
import { materialize, openCatalog, openLmdbStore } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { printSides, runsOf } from '../measure/report.ts'
import { median } from '../measure/statistics.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { rowsByHand } from '../usage/by-hand.ts'
import { DAY, instant, makeUsage } from '../usage/table.ts'
import { nightly, nightlyFeatures } from './nightly.ts'
import { noteSteps } from './steps.ts'

const [instants = 365] = process.argv.slice(2).map(Number)
const size = { events: setting('EVENTS', 2_000_000), entities: setting('ENTITIES', 10_000) }
const rounds = setting('ROUNDS', 3)
const memoryLimit = process.env['MEMORY'] ?? '12GB'
const START = Date.UTC(2024, 3, 1)
const LAST = START + (instants - 1) * DAY
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit })

const sides: Readonly<Record<string, Side>> = {
  Martlet: async (folder, clock) => {
    await using warehouse = await open(folder)
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    await using online = openLmdbStore({ path: join(folder, 'online') })
    const steps = noteSteps(clock)
    const [done] = await clock.time('run', () =>
      materialize({
        warehouse,
        catalog,
        online,
        views: [nightly],
        from: new Date(START),
        now: new Date(LAST),
        onProgress: steps.onProgress,
      }),
    )
    steps.end()
    clock.note('rows', done?.rows ?? 0)
  },
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeUsage(warehouse, { ...size, end: LAST, days: instants + 100 })
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
  console.log(
    `${size.entities.toLocaleString('en')} entities, ${instants} instants, ${size.events.toLocaleString('en')} events, ` +
      `${nightlyFeatures.length} features; median of ${rounds} rounds; seconds by step\n`,
  )
  printSides(measured, ['rows', 'plan', 'check', 'compute', 'publish'])
  const rate = median(runsOf(measured, 'Martlet').map(({ seconds, notes }) => (notes['rows'] ?? 0) / seconds))
  console.log(`thousand rows / s, written and published   ${(rate / 1000).toFixed(1)}   (aim: at least 200)`)
})

async function check(_side: string, folder: string): Promise<void> {
  await using warehouse = await open(folder)
  for (const time of [START, LAST])
    await checkEqual(warehouse, {
      what: `the rows of ${instant(time)} against SQL by hand`,
      left: sql`(SELECT * FROM features.nightly WHERE feature_time = TIMESTAMP ${sql.lit(instant(time))})`,
      right: sql`(${rowsByHand(nightlyFeatures, time)})`,
      keys: ['customer_id'],
      columns: nightlyFeatures.map((name) => ({ left: name, right: name })),
    })
}
