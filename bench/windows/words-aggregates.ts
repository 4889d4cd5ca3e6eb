// A percentile over 7 d in training sets from facts: Martlet, and SQL by hand.
// node --conditions=@martlet/source bench/windows/words-aggregates.ts      EVENTS, SPINE, ENTITIES, ROUNDS, MEMORY
import { join } from 'node:path'
import process from 'node:process'
import { buildTrainingSet, featureService, featureView } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { medianOf, printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'
import { customer, usage } from '../usage/definition.ts'
import { makeMart } from './mart.ts'

const size = {
  events: setting('EVENTS', 10_000_000),
  spine: setting('SPINE', 1_000_000),
  entities: setting('ENTITIES', 10_000),
}
const rounds = setting('ROUNDS', 3)
const memoryLimit = process.env['MEMORY'] ?? '12GB'
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit })

const service = featureService('percentiles', [
  featureView('percentiles', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ high: f.percentile('kwh', 0.9).over('7d') }),
  }),
])

/** Every midnight that the spine asks for, once, with the events of the seven days before it. */
const byHand = sql`
  CREATE OR REPLACE TABLE training.hand AS
  WITH asked AS (
    SELECT DISTINCT customer_id, date_trunc('day', "at") AS t FROM mart.spine
  ), days AS (
    SELECT customer_id, t, CAST(t AS DATE) - CAST(back AS INTEGER) AS day FROM asked, range(1, 8) r(back)
  ), high AS (
    SELECT d.customer_id, d.t, quantile_cont(u.kwh, 0.9) AS high
    FROM days d JOIN mart.usage u ON u.customer_id = d.customer_id AND CAST(u.ts AS DATE) = d.day
    GROUP BY d.customer_id, d.t
  )
  SELECT s.customer_id, s."at", h.high FROM mart.spine s
  LEFT JOIN high h ON h.customer_id = s.customer_id AND h.t = date_trunc('day', s."at")
`

const sides: Readonly<Record<string, Side>> = {
  'percentile over 7 d: Martlet': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('build', () =>
      buildTrainingSet({ warehouse, service, spine: { table: 'mart.spine' }, time: 'at' }),
    )
  },
  'percentile over 7 d: by hand': async (folder, clock) => {
    await using warehouse = await open(folder)
    await clock.time('run', () => warehouse.run(byHand))
  },
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await makeMart(warehouse, size)
    await warehouse.run(sql`CREATE SCHEMA training`)
  }
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  {
    await using warehouse = await open(folder)
    await checkEqual(warehouse, {
      what: 'Martlet against SQL by hand, percentile',
      left: sql`training.percentiles`,
      right: sql`training.hand`,
      keys: ['customer_id', 'at'],
      columns: [{ left: 'percentiles__high_7d', right: 'high' }],
    })
  }
  console.log(
    `${size.events.toLocaleString('en')} events, ${size.spine.toLocaleString('en')} spine rows, ` +
      `${size.entities.toLocaleString('en')} customers, memory limit ${memoryLimit}; ${medianOf(rounds)}\n`,
  )
  printSides(measured)
  const [martlet = '', hand = ''] = Object.keys(sides)
  printRatio(measured, 'Martlet / by hand, percentile', martlet, hand, 'at most 1.3')
})
