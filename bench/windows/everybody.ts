// Standings among a million entities at one feature time: Martlet and SQL by hand.
// node --conditions=@martlet/source bench/windows/everybody.ts      ENTITIES, EVENTS, ROUNDS
import { join } from 'node:path'
import { entity, fact, featureView } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { z } from 'zod'
import { compileViewRows } from '../../packages/feature-store/src/compile/view-sql.ts'
import { checkEqual } from '../measure/check-equal.ts'
import { runSideIfChild, type Side } from '../measure/child.ts'
import { medianOf, printRatio, printSides } from '../measure/report.ts'
import { setting, takeTurns, withFolder } from '../measure/turns.ts'

const entities = setting('ENTITIES', 1_000_000)
const events = setting('EVENTS', 3_000_000)
const rounds = setting('ROUNDS', 3)
const AT = '2025-05-01'
const T = BigInt(Date.parse(AT)) * 1000n

const customer = entity('customer', { customer_id: z.string() })
const orders = fact('mart.orders', {
  columns: { customer_id: z.string(), ts: z.date(), amount: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const view = featureView('spending', {
  of: customer,
  from: orders,
  every: '1d',
  features: (f) => ({ spent: f.sum('amount').over('90d') }),
  among: (v, everybody) => ({
    standing: everybody.rank(v.spent_90d),
    tier: everybody.quantile(v.spent_90d, 5),
    part: everybody.share(v.spent_90d),
  }),
})
const columns = ['spent_90d', 'standing', 'tier', 'part']
const open = (folder: string) => openDuckDb({ path: join(folder, 'bench.duckdb'), memoryLimit: '8GB' })

const martlet: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  await clock.time('rows', () =>
    warehouse.session(async (session) => {
      const { prepare, query, cleanup } = compileViewRows(
        session,
        view.plan,
        { from: T, to: T + 1n },
        { lookup: 'scan' },
      )
      for (const statement of prepare) await session.run(statement)
      await session.run(sql`CREATE OR REPLACE TABLE made.martlet AS ${query}`)
      for (const statement of cleanup) await session.run(statement)
    }),
  )
}
const byHand: Side = async (folder, clock) => {
  await using warehouse = await open(folder)
  const at = sql`TIMESTAMP ${sql.lit(AT)}`
  await clock.time('rows', () =>
    warehouse.run(sql`
      CREATE OR REPLACE TABLE made.by_hand AS
      SELECT customer_id, ${at} AS feature_time, spent AS spent_90d, RANK() OVER (ORDER BY spent DESC) AS standing,
        CEIL(5 * CUME_DIST() OVER (ORDER BY spent)) AS tier, spent / SUM(spent) OVER () AS part
      FROM (SELECT customer_id, COALESCE(SUM(amount) FILTER (ts >= ${at} - INTERVAL 90 DAY), 0) AS spent
        FROM mart.orders WHERE ts < ${at} GROUP BY customer_id) s
    `),
  )
}
const sides = { Martlet: martlet, 'by hand': byHand }
await runSideIfChild(sides)

await withFolder(async (folder) => {
  {
    await using warehouse = await open(folder)
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(sql`CREATE SCHEMA made`)
    // Whole amounts, so that both sides have the same sums and the same equal ones.
    await warehouse.run(sql`
      CREATE TABLE mart.orders AS
      SELECT 'customer-' || lpad(CAST(hash(i) % ${sql.lit(entities)} AS VARCHAR), 8, '0') AS customer_id,
        TIMESTAMP ${sql.lit(AT)} - to_minutes(CAST(hash(i + 7) % 216000 AS BIGINT)) - INTERVAL 1 MINUTE AS ts,
        CAST(1 + hash(i + 9) % 500 AS DOUBLE) AS amount
      FROM range(${sql.lit(events)}) r(i)
    `)
  }
  const measured = await takeTurns({ script: import.meta.filename, sides: Object.keys(sides), folder, rounds })
  await using warehouse = await open(folder)
  await checkEqual(warehouse, {
    what: 'Martlet against SQL by hand',
    left: sql`made.martlet`,
    right: sql`made.by_hand`,
    keys: ['customer_id', 'feature_time'],
    columns: columns.map((name) => ({ left: name, right: name })),
  })
  console.log(
    `${entities.toLocaleString('en')} entities, ${events.toLocaleString('en')} events, one feature time; ${medianOf(rounds)}\n`,
  )
  printSides(measured)
  printRatio(measured, 'Martlet / by hand, standings', 'Martlet', 'by hand', 'at most 1.3')
})
