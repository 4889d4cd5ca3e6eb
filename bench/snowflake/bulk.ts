// Rows a second and memory of the row-wise and the bulk paths to Snowflake, on the double: it says nothing about Snowflake itself.
// node --conditions=@martlet/source bench/snowflake/bulk.ts [rows to load and read = 1000000] [rows to stream = 10000000]
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { sql } from '@martlet/warehouse'
import { openDouble } from '../../packages/warehouse/test/snowflake/double/open-double.ts'

interface Measured {
  readonly rowsPerSecond: number
  readonly seconds: number
  readonly megabytes: number
}

const [rows = 1_000_000, many = 10_000_000] = process.argv.slice(2).map(Number)
const double = start('double.ts')
const { url } = await told<{ readonly url: string }>(double)
await makeSource()

console.log('rows     row by row (rows/s)  as a file (rows/s)')
for (const size of [1_000, 10_000, 30_000, 100_000].filter((one) => one < rows)) {
  const [bound, file] = [await measure('append row by row', size), await measure('append as a file', size)]
  console.log(
    `${String(size).padEnd(8)} ${bound.rowsPerSecond.toFixed(0).padStart(19)}  ${file.rowsPerSecond.toFixed(0).padStart(18)}`,
  )
}
const appended = await report('append row by row', rows)
const filed = await report('append as a file', rows)
const read = await report('read', rows)
const streamed = await report('stream', rows)
const fetched = await report('bulkRead', rows)
const long = await report('stream', many)
const bulk = await report('bulkRead', many)
ratio('load: as a file / row by row', filed.rowsPerSecond / appended.rowsPerSecond)
ratio('read: bulkRead / read', fetched.rowsPerSecond / read.rowsPerSecond)
ratio('read: bulkRead / stream', fetched.rowsPerSecond / streamed.rowsPerSecond)
ratio(`read ${many}: bulkRead / stream`, bulk.rowsPerSecond / long.rowsPerSecond)
ratio(`memory for ${many} / for ${rows}, stream`, long.megabytes / streamed.megabytes)
ratio(`memory for ${many} / for ${rows}, bulkRead`, bulk.megabytes / fetched.megabytes)
double.disconnect()

async function makeSource(): Promise<void> {
  await using warehouse = await openDouble({ url })
  const { leaves } = warehouse
  const range = leaves.series({ from: sql`b.f`, to: sql`b.t`, alias: 'n', column: 'i' })
  await warehouse.run(
    leaves.createTableAs(
      'source',
      sql`
      SELECT CAST(n.i AS ${leaves.columnType('integer')}) AS id, 'customer_' || CAST(MOD(n.i, 50000) AS VARCHAR) AS customer_id,
        ${leaves.fromEpochMicros(sql`n.i * 1000003`)} AS ts, ${leaves.divide(sql`n.i`, sql`7`)} AS kwh, MOD(n.i, 3) = 0 AS flag
      FROM (SELECT 0 AS f, ${sql.lit(Math.max(rows, many))} AS t) AS b, ${range}`,
    ),
  )
}

async function report(what: string, size: number): Promise<Measured> {
  const measured = await measure(what, size)
  console.log(
    `${what.padEnd(18)} ${String(size).padStart(9)} rows ${measured.rowsPerSecond.toFixed(0).padStart(9)} rows/s ` +
      `${measured.seconds.toFixed(1).padStart(7)} s ${measured.megabytes.toFixed(0).padStart(6)} MB above start`,
  )
  return measured
}

async function measure(what: string, size: number): Promise<Measured> {
  return told<Measured>(start('client.ts', url, what, String(size)))
}

function start(file: string, ...args: readonly string[]): ChildProcess {
  return fork(`${import.meta.dirname}/${file}`, [...args], { execArgv: ['--conditions=@martlet/source'] })
}

async function told<T>(child: ChildProcess): Promise<T> {
  const message: Promise<[T]> = once(child, 'message') as Promise<[T]>
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the process ended with ${code}`)))
  return Promise.race([message.then(([told]) => told), ended])
}

function ratio(what: string, value: number): void {
  console.log(`${what.padEnd(44)}  ${value.toFixed(2)}`)
}
