// Brings the change events of `generate` into the warehouse: npm run ingest -w examples/banking
import { join } from 'node:path'
import { tableOf } from '@martlet/example-logistics/model/text-table'
import { rowsOf, sql } from '@martlet/warehouse'
import { loadProject } from 'martlet'
import { accountSource, customerSource, reportSource, transactionSource } from '../definitions/index.ts'
import { ingestFiles } from './ingest-files.ts'
import { STATE } from './state-folder.ts'

await using project = await loadProject(join(import.meta.dirname, '../martlet.config.ts'))
const warehouse = await project.warehouse()
const { events } = await project.online()
if (events === undefined) throw new Error('the online store takes no events')
const done = []
for (const source of [customerSource, accountSource, transactionSource, reportSource])
  done.push(await ingestFiles(warehouse, events, source, join(STATE, 'events', source.name)))
console.log(
  tableOf(
    ['source', 'records', 'repeated', 'rejected'],
    done.map(({ source, records, repeated, rejected }) => [
      source,
      String(records),
      String(repeated),
      String(rejected),
    ]),
  ),
)
const [made] = rowsOf<Record<string, bigint | number>>(
  await warehouse.read(sql`
    SELECT (SELECT COUNT(*) FROM mart.dim_customer) AS dim_customer, (SELECT COUNT(*) FROM mart.dim_account) AS dim_account,
      (SELECT COUNT(*) FROM mart.fact_transactions) AS fact_transactions,
      (SELECT COUNT(*) FROM mart.fact_fraud_report) AS fact_fraud_report
  `),
)
console.log(
  Object.entries(made ?? {})
    .map(([table, rows]) => `${table} ${String(rows)}`)
    .join(', '),
)
