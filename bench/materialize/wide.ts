// A wide view: 600 features, sums, means, counts, minima, maxima and standard deviations over 1 to 100 days, against the same
// SQL by hand, one GROUP BY for each instant.
// node --conditions=@martlet/source bench/materialize/wide.ts [windows]      EVENTS, ENTITIES, ROUNDS
import { join } from 'node:path'
import process from 'node:process'
import { featureView, materialize, openCatalog } from '@martlet/feature-store'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { rowsByHand } from '../usage/by-hand.ts'
import { customer, usage } from '../usage/definition.ts'
import { DAY, makeUsage } from '../usage/table.ts'

const [windows = 100] = process.argv.slice(2).map(Number)
const events = setting('EVENTS', 200_000)
const entities = setting('ENTITIES', 1_000)
const rounds = setting('ROUNDS', 3)
const START = Date.UTC(2025, 5, 1)
const INSTANTS = 4

const days = Array.from({ length: windows - 1 }, (_, index): `${number}d` => `${index + 2}d`)
const wide = featureView('wide', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({
    sum: f.sum('kwh').over('1d', ...days),
    mean: f.mean('kwh').over('1d', ...days),
    n: f.count().over('1d', ...days),
    low: f.min('kwh').over('1d', ...days),
    high: f.max('kwh').over('1d', ...days),
    stddev: f.stddev('kwh').over('1d', ...days),
  }),
})
const names = wide.plan.features.map(({ name }) => name)
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb') })

const sides: Readonly<Record<string, Side>> = {
  Martlet: async (folder, clock) => {
    await using warehouse = await open(folder)
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    const range = { from: new Date(START), to: new Date(START + INSTANTS * DAY) }
    await clock.time('materialize', () => materialize({ warehouse, catalog, views: [wide], ...range, quality: false }))
  },
  'SQL by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('run', () => byHand(warehouse))
  },
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await warehouse.run(sql`CREATE SCHEMA by_hand`)
    await makeUsage(warehouse, { events, entities, end: START + INSTANTS * DAY, days: 150 })
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
    `${names.length} features, ${entities.toLocaleString('en')} entities, ${INSTANTS} instants, ` +
      `${events.toLocaleString('en')} events; median of ${rounds} rounds\n`,
  )
  printSides(measured)
  printRatio(measured, 'wide view: Martlet / SQL by hand', 'Martlet', 'SQL by hand', 'at most 1.2')
})

async function byHand(warehouse: Warehouse): Promise<void> {
  for (let index = 0; index < INSTANTS; index++) {
    const rows = rowsByHand(names, START + index * DAY)
    await warehouse.run(index === 0 ? sql`CREATE TABLE by_hand.wide AS ${rows}` : sql`INSERT INTO by_hand.wide ${rows}`)
  }
}

async function check(side: string, folder: string): Promise<void> {
  if (side !== 'Martlet') return
  await using warehouse = await open(folder)
  await byHand(warehouse)
  await checkEqual(warehouse, {
    what: 'Martlet against SQL by hand',
    left: sql`features.wide`,
    right: sql`by_hand.wide`,
    keys: ['customer_id', 'feature_time'],
    columns: names.map((name) => ({ left: name, right: name })),
  })
}
