import { sql } from 'kysely'
import { openDuckDb, replaceRange } from '@martlet/warehouse'

// Commits 1000 rows, then announces that it is in the middle of a transaction and waits to be killed.
const warehouse = await openDuckDb({ path: process.argv[2]! })
await warehouse.run(sql`CREATE TABLE t AS SELECT i AS x, make_timestamp(i) AS ts FROM range(1000) AS r(i)`)
await warehouse.transaction(async (transaction) => {
  await replaceRange(transaction, {
    table: 't',
    column: 'ts',
    from: 0n,
    to: 1000n,
    rows: sql`SELECT i + 5000 AS x, make_timestamp(i % 1000) AS ts FROM range(200000) AS r(i)`,
  })
  console.log('ready')
  await new Promise((resolve) => setTimeout(resolve, 60_000))
})
