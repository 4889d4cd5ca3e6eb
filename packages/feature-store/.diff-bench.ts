import { diffViews, entity, fact, featureView } from '@martlet/feature-store'
import { openDuckDb, sql } from '@martlet/warehouse'
import { z } from 'zod'
await using warehouse = await openDuckDb({ threads: 2, memoryLimit: '2GB' })
await warehouse.run(sql`CREATE TABLE usage AS SELECT 'c' || (i % 100000) AS customer_id, TIMESTAMP '2024-01-01' + to_minutes(CAST(i // 100 AS INTEGER)) AS ts, (hash(i) % 1000) / 100.0 AS kwh FROM range(6000000) r(i)`)
const customer = entity('customer', { customer_id: z.string() })
const usage = fact('usage', { columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() }, entities: [customer], eventTime: 'ts' })
const view = (w: '7d' | '14d', least: number) => featureView('usage', { of: customer, from: usage, every: '1d',
  features: (f) => ({ kwh: f.mean('kwh').over(w), n: f.count().over('1d', '30d'), top: f.max('kwh').over('7d', '30d'), big: f.sum('kwh').where((r) => r.kwh.gt(least)).over('7d', '30d'), last: f.last('kwh') }) })
for (const more of [{}, { sample: 1000 }, { from: '2024-02-01', to: '2024-02-11' }]) {
  const cpu = process.cpuUsage(); const t = performance.now()
  const d = await diffViews({ warehouse, before: view('7d', 3), after: view('14d', 5), now: '2024-06-01', ...more })
  const used = process.cpuUsage(cpu)
  console.log(JSON.stringify(more), d.compared?.rows.both, 'cpu s', (used.user + used.system) / 1e6, 'wall s', (performance.now() - t) / 1000, 'rss MB', process.memoryUsage.rss() / 1e6, d.features.map((f) => `${f.name} ${f.changed}`).join(', '))
}
