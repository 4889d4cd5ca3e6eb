import { sql } from 'kysely'
import { duckDbLeaves, openDuckDb, rowsOf } from '@martlet/warehouse'

const midnight = new Date('2024-07-01T00:00:00Z')
await using warehouse = await openDuckDb()
await warehouse.run(sql`CREATE TABLE t (naive TIMESTAMP, day DATE)`)
await warehouse.db.insertInto('t').values({ naive: midnight, day: '2024-07-01' }).execute()
const [row] = rowsOf(
  await warehouse.read(
    sql`SELECT current_setting('TimeZone') AS zone, ${duckDbLeaves.epochMicros(sql`${midnight}`)} AS bound, naive, day,
      CAST(naive AS VARCHAR) AS text FROM t`,
  ),
)
const [viaKysely] = await warehouse.db.selectFrom('t').select('naive').where('naive', '=', midnight).execute()
console.log(
  JSON.stringify({
    zone: row?.['zone'],
    bound: row?.['bound'],
    naive: row?.['naive'],
    kysely: viaKysely?.['naive'],
    day: row?.['day'],
    text: row?.['text'],
  }),
)
