// A view over a view, materialized from its table and computed from facts: Martlet and SQL by hand.
// node --conditions=@martlet/source bench/windows/views.ts      ENTITIES, EVENTS, DAYS, ROUNDS
import { join } from 'node:path'
import { entity, fact, featureView, materialize, openCatalog } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { z } from 'zod'
import { compileViewRows } from '../../packages/feature-store/src/compile/view-sql.ts'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { medianOf, printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'

const entities = setting('ENTITIES', 100_000)
const events = setting('EVENTS', 3_000_000)
const days = setting('DAYS', 28)
const rounds = setting('ROUNDS', 3)
const DAY = 86_400_000_000n
const LAST = '2025-05-01'
const to = BigInt(Date.parse(LAST)) * 1000n + 1n
const from = to - BigInt(days - 1) * DAY - 1n

const customer = entity('customer', { customer_id: z.string() })
const orders = fact('mart.orders', {
  columns: { customer_id: z.string(), ts: z.date(), amount: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const spending = featureView('spending', {
  of: customer,
  from: orders,
  every: '1d',
  features: (f) => ({ spent: f.sum('amount').over('7d', '28d'), orders: f.count().over('28d') }),
})
const tiers = featureView('tiers', {
  of: customer,
  from: spending,
  every: '1d',
  features: (v) => ({ spent: v.spent_28d, momentum: v.spent_7d.mul(4).div(v.spent_28d) }),
  among: (v, everybody) => ({ position: everybody.rank(v.spent), tier: everybody.quantile(v.spent, 5) }),
})
const columns = ['spent', 'momentum', 'position', 'tier']
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit: '8GB' })

/** The rows by the statement that a chunk of `materialize` runs when the table has what it needs. */
const fromTable: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  await clock.time('rows', () =>
    warehouse.session(async (session) => {
      const stored = () => sql`features.spending`
      const { prepare, query, cleanup } = compileViewRows(session, tiers.plan, { from, to }, { stored })
      for (const statement of prepare) await session.run(statement)
      await session.run(sql`CREATE OR REPLACE TABLE made.from_table AS ${query}`)
      for (const statement of cleanup) await session.run(statement)
    }),
  )
}
/** Where no table has the rows. */
const fromFacts: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  await clock.time('rows', () =>
    warehouse.session(async (session) => {
      const { prepare, query, cleanup } = compileViewRows(session, tiers.plan, { from, to })
      for (const statement of prepare) await session.run(statement)
      await session.run(sql`CREATE OR REPLACE TABLE made.from_facts AS ${query}`)
      for (const statement of cleanup) await session.run(statement)
    }),
  )
}
const spendingFromFacts: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  await clock.time('rows', () =>
    warehouse.session(async (session) => {
      const { prepare, query, cleanup } = compileViewRows(session, spending.plan, { from, to })
      for (const statement of prepare) await session.run(statement)
      await session.run(sql`CREATE OR REPLACE TABLE made.spending AS ${query}`)
      for (const statement of cleanup) await session.run(statement)
    }),
  )
}
const byHand: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  const momentum = sql`CASE WHEN spent_28d <> 0 THEN spent_7d * 4 / spent_28d END`
  await clock.time('rows', () =>
    warehouse.run(sql`
      CREATE OR REPLACE TABLE made.by_hand AS
      SELECT customer_id, feature_time, spent_28d AS spent, ${momentum} AS momentum,
        RANK() OVER (PARTITION BY feature_time ORDER BY spent_28d DESC) AS position,
        CEIL(5 * CUME_DIST() OVER (PARTITION BY feature_time ORDER BY spent_28d)) AS tier
      FROM features.spending
      WHERE feature_time BETWEEN make_timestamp(${sql.lit(from)}) AND make_timestamp(${sql.lit(to)})
    `),
  )
}
const sides = {
  'from the table': fromTable,
  'by hand': byHand,
  'from facts': fromFacts,
  'the view that is read, from facts': spendingFromFacts,
}
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await using catalog = await openCatalog({ path: ':memory:' })
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(sql`CREATE SCHEMA made`)
    // Whole amounts, so that both sides have the same sums and the same equal ones.
    await warehouse.run(sql`
      CREATE TABLE mart.orders AS
      SELECT 'customer-' || lpad(CAST(hash(i) % ${sql.lit(entities)} AS VARCHAR), 8, '0') AS customer_id,
        TIMESTAMP ${sql.lit(LAST)} - to_minutes(CAST(hash(i + 7) % 129600 AS BIGINT)) - INTERVAL 1 MINUTE AS ts,
        CAST(1 + hash(i + 9) % 500 AS DOUBLE) AS amount
      FROM range(${sql.lit(events)}) r(i)
    `)
    await materialize({ warehouse, catalog, views: [spending], from, now: LAST, quality: false })
  }
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  await using warehouse = await open(folder)
  for (const made of ['from_table', 'from_facts'])
    await checkEqual(warehouse, {
      what: 'Martlet against SQL by hand',
      left: sql.id('made', made),
      right: sql`made.by_hand`,
      keys: ['customer_id', 'feature_time'],
      columns: columns.map((name) => ({ left: name, right: name })),
    })
  console.log(
    `${entities.toLocaleString('en')} entities, ${events.toLocaleString('en')} events, ${days} feature times; ${medianOf(rounds)}\n`,
  )
  printSides(measured)
  printRatio(measured, 'Martlet / by hand, a view over a view', 'from the table', 'by hand', 'at most 1.3')
  printRatio(measured, 'from facts / the view that is read', 'from facts', 'the view that is read, from facts')
})
