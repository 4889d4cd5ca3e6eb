// The same rows on a grid of UTC and on one of a local clock: sum over 365 d, 6,000 entities at 5 instants.
// node --conditions=@martlet/source bench/materialize/zoned.ts      EVENTS, ENTITIES, ROUNDS
import { join } from 'node:path'
import { featureView, materialize, openCatalog } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { customer, usage } from '../usage/definition.ts'
import { DAY, makeUsage } from '../usage/table.ts'

const events = setting('EVENTS', 600_000)
const entities = setting('ENTITIES', 6_000)
const rounds = setting('ROUNDS', 5)
/** In winter, when both clocks show the same time, so both grids have the same instants; windows span a summer. */
const START = Date.UTC(2025, 0, 20)
const INSTANTS = 5

const utc = featureView('utc', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('365d') }),
})
const london = featureView('london', {
  of: customer,
  from: usage,
  every: '1d',
  zone: 'Europe/London',
  features: (f) => ({ kwh: f.sum('kwh').over('365d') }),
})

const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb') })
const materializing =
  (view: typeof utc | typeof london): Side =>
  async (folder, clock) => {
    await using warehouse = await open(folder)
    await using catalog = await openCatalog({ path: join(folder, `${view.plan.name}.db`) })
    const range = { from: new Date(START), to: new Date(START + INSTANTS * DAY) }
    const [done] = await clock.time('materialize', () =>
      materialize({ warehouse, catalog, views: [view], ...range, quality: false }),
    )
    clock.note('rows', done?.rows ?? 0)
  }

const sides = { UTC: materializing(utc), 'Europe/London': materializing(london) }
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeUsage(warehouse, { events, entities, end: START + 6 * DAY, days: 500 })
  }
  const measured = await takeTurns({
    script: import.meta.filename,
    sides: Object.keys(sides),
    folder,
    rounds,
    // Each run writes for the first time.
    copies: true,
  })
  await check(folder)
  console.log(
    `sum over 365 d, ${events.toLocaleString('en')} events, ${entities.toLocaleString('en')} entities, ` +
      `${INSTANTS} instants; median of ${rounds} rounds\n`,
  )
  printSides(measured, ['rows'])
  printRatio(measured, 'Europe/London / UTC', 'Europe/London', 'UTC', 'at most 1.3')
})

async function check(folder: string): Promise<void> {
  for (const side of Object.values(sides)) await side(folder, { time: (_part, work) => work(), note: () => undefined })
  await using warehouse = await open(folder)
  await checkEqual(warehouse, {
    what: 'Europe/London against UTC',
    left: sql`features.london`,
    right: sql`features.utc`,
    keys: ['customer_id', 'feature_time'],
    columns: [{ left: 'kwh_365d', right: 'kwh_365d' }],
  })
}
