// Brings the change events of `generate` into the warehouse: npm run ingest -w examples/banking
import { join } from 'node:path'
import { tableOf } from '@martlet/example-logistics/model/text-table'
import { ingestFiles } from '@martlet/feature-store'
import { rowsOf, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { accountSource, customerSource, reportSource, transactionSource } from '../definitions/index.ts'
import { STATE } from './state-folder.ts'

await using project = await loadProject(join(import.meta.dirname, '../martlet.config.ts'))
const warehouse = await project.warehouse()
const done = []
for (const { plan } of [customerSource, accountSource, transactionSource, reportSource])
  done.push(await ingestFiles({ warehouse, source: plan, from: join(STATE, 'events', plan.name) }))
console.log(
  tableOf(
    ['source', 'files', 'events', 'rejected'],
    done.map(({ source, files, events, rejected }) => [source, ...[files, events, rejected].map(String)]),
  ),
)
const [made] = rowsOf<Record<string, bigint | number>>(
  await warehouse.read(sql`
    SELECT (SELECT COUNT(*) FROM mart.dim_customer) AS dim_customer, (SELECT COUNT(*) FROM mart.dim_account) AS dim_account,
      (SELECT COUNT(*) FROM mart.fact_transactions) AS fact_transactions,
      (SELECT COUNT(*) FROM mart.fact_fraud_report) AS fact_fraud_report
  `),
)
const rows = Object.entries(made ?? {}).map(([table, count]) => `${table} ${String(count)}`)
console.log(`rows: ${rows.join(', ')}`)
