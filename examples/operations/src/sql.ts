// Runs one statement in the warehouse of the example: npm run sql -w examples/operations -- "SELECT * FROM ops.job_monitoring"
import { join } from 'node:path'
import process from 'node:process'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { STATE } from './state-folder.ts'

const [statement = ''] = process.argv.slice(2)
await using warehouse = await openDuckDb({ path: join(STATE, 'warehouse.duckdb') })
if (/^\s*(?:select|with|from|show|describe)\b/i.test(statement))
  console.table(rowsOf(await warehouse.read(sql.raw(statement))))
else console.log(`${await warehouse.run(sql.raw(statement))} rows`)
