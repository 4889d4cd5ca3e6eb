// Where logs of arrivals begin to pay against joining every point with its events: materializes marts of different density both ways.
// node --conditions=@martlet/source bench/windows/arrival-crossing.ts
import { entity, fact, featureView } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { z } from 'zod'
import { compileViewRows } from '../../packages/feature-store/src/compile/view-sql.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), loaded: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
  knownAt: 'loaded',
})
const marts = [
  { events: 200_000, customers: 1_000, every: '1d', days: 200 },
  { events: 200_000, customers: 1_000, every: '1h', days: 60 },
  { events: 200_000, customers: 200, every: '1h', days: 60 },
  { events: 1_000_000, customers: 1_000, every: '1d', days: 365 },
  { events: 1_000_000, customers: 100, every: '1d', days: 365 },
] as const

await using warehouse = await openDuckDb({ memoryLimit: '8GB' })
await warehouse.run(sql`CREATE SCHEMA mart`)
console.log('events  customers  every  days  events a customer  direct s  logs s')
for (const { events, customers, every, days } of marts) {
  // Nine in ten arrive within an hour, the rest within ten days.
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.usage AS SELECT *, ts + to_seconds(CAST(hash(i * 3) % (CASE
    WHEN hash(i * 5) % 10 = 0 THEN 864000 ELSE 3600 END) AS BIGINT)) AS loaded FROM (
    SELECT i, 'c' || (hash(i) % ${sql.lit(customers)}) AS customer_id,
      TIMESTAMP '2024-01-01' + to_microseconds(CAST(hash(i * 7 + 1) % ${sql.lit(days * 86_400_000_000)} AS BIGINT)) AS ts,
        1.0 * (i % 8) AS kwh
    FROM range(${sql.lit(events)}) r(i)) made`)
  const view = featureView('usage', {
    of: customer,
    from: usage,
    every,
    delay: '1h',
    features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d', '30d'), spread: f.stddev('kwh').over('30d') }),
  })
  const from = BigInt(Date.UTC(2024, 0, 1)) * 1000n
  const range = { from, to: from + BigInt(days) * 86_400_000_000n }
  const seconds: number[] = []
  for (const lookup of ['direct', 'dense'] as const) {
    const start = performance.now()
    await warehouse.session(async (session) => {
      const rows = compileViewRows(session, view.plan, range, { lookup })
      for (const statement of rows.prepare) await session.run(statement)
      await session.run(sql`CREATE TEMPORARY TABLE written AS ${rows.query}`)
    })
    seconds.push((performance.now() - start) / 1000)
  }
  console.log([events, customers, every, days, events / customers, ...seconds.map((one) => one.toFixed(2))].join('\t'))
}
