/**
 * What the demo's monitor says when three columns of its last week are multiplied. Run `npm run demo` first, then, in the same
 * folder:
 *
 *   npx node --conditions=@martlet/source bench/drift/demo-changes.ts
 */
import { openDuckDb, rowsOf, sql, tableRef } from '@martlet/warehouse'
import { readProfile, runDrift } from '@martlet/drift'

const DAY = 86_400_000
const changed = ['kwh_1day', 'kwh_7days', 'total_28d']
await using warehouse = await openDuckDb({ path: '.martlet/energy-generated/warehouse.duckdb' })
const from = tableRef('features.customer_usage')
const [newest] = rowsOf(await warehouse.read(sql`SELECT MAX(feature_time) AS at FROM ${from}`))
const profile = await readProfile(warehouse, 'next_day_kwh')
if (!(newest?.['at'] instanceof Date) || profile === undefined) throw new Error('the demo has not run here')
const end = newest['at'].getTime()
const week = warehouse.leaves.timestamp(BigInt(end - 7 * DAY) * 1000n)
for (const factor of [1, 0.85, 0.7, 0.5]) {
  const columns = changed.map(
    (name) =>
      sql`CASE WHEN feature_time > ${week} THEN ${sql.id(name)} * ${factor} ELSE ${sql.id(name)} END AS ${sql.id(name)}`,
  )
  await warehouse.run(
    sql`CREATE OR REPLACE TABLE features.changed AS SELECT * REPLACE (${sql.join(columns)}) FROM ${from}`,
  )
  const { sentence, severity } = await runDrift({
    warehouse,
    profile,
    current: { featureTable: 'features.changed', view: 'customer_usage' },
    windows: [{ from: new Date(end - 7 * DAY + 1), to: new Date(end + 1) }],
    against: { windows: 8 },
    record: false,
    now: new Date(end + DAY),
  })
  console.log(`× ${factor}: ${severity}. ${sentence}`)
}
await warehouse.run(sql`DROP TABLE features.changed`)
