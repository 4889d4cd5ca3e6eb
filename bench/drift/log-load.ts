/**
 * Writes a prediction log, loads it into DuckDB, joins it with labels and measures the performance; prints times, those of the
 * processors too, and memory.
 *
 *   npx node --conditions=@martlet/source bench/drift/log-load.ts [rows] [memory limit of DuckDB] [made]
 *
 * `default` leaves DuckDB its own limit, as the command does.
 * With `made` the same rows are made in the warehouse instead, to join and measure more than a busy machine can load.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { finished } from 'node:stream/promises'
import { openDuckDb, sql, tableRef, type Sql } from '@martlet/warehouse'
import { loadPredictions, predictionTable, runTruth } from '@martlet/drift'

const rows = Number(process.argv[2] ?? 1_000_000)
const memoryLimit = process.argv[3] ?? '1500MB'
const isMade = process.argv[4] === 'made'
const ENTITIES = 20_000
const START = Date.UTC(2026, 0, 1)
const LINES_A_FILE = 100_000
const folder = await mkdtemp(join(process.env['MARTLET_BENCH_FOLDER'] ?? tmpdir(), 'martlet-log-load-'))

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [before, cpu] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const seconds = (performance.now() - before) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const peak = Math.round(process.resourceUsage().maxRSS / 1e3)
  const processor = ((user + system) / 1e6).toFixed(1).padStart(7)
  console.log(
    `${what.padEnd(42)} ${seconds.toFixed(1).padStart(7)} s ${processor} s of processors   peak so far ${peak} MB`,
  )
  return result
}

/** The features of a line by a number below 1000. */
const FEATURES = Array.from({ length: 1000 }, (_, n) =>
  Array.from({ length: 14 }, (__, f) => `"usage__f${f}":${(n / 100 + f).toFixed(3)}`).join(','),
)

/** One line of 14 features, as the server writes it; times go through four weeks. */
function line(i: number): string {
  const time = new Date(START + Math.floor((i / rows) * 28 * 86_400_000)).toISOString()
  const x = ((i * 7919) % 1000) / 100
  return (
    `{"requestId":"r-${i}","time":"${time}","model":"bench","version":1,"sha256":"${'a'.repeat(64)}","service":"s","row":0,` +
    `"keys":{"customer_id":"c${i % ENTITIES}"},"values":{${FEATURES[(i * 7919) % 1000]}},"missing":{},` +
    `"times":{"usage":{"time":"${time}","ageSeconds":60}},"prediction":{"kwh":${(x + ((i * 31) % 17) / 10).toFixed(3)}}}\n`
  )
}

/** The rows that loading the lines would bring. */
function madeRows(): Sql {
  const x = sql`((i * 7919) % 1000) / 100.0`
  const features = Array.from({ length: 14 }, (_, f) => sql`${x} + ${sql.lit(f)} AS ${sql.id(`usage__f${f}`)}`)
  return sql`
    SELECT TIMESTAMP '2026-01-01' + to_milliseconds(CAST(i * ${sql.lit((28 * 86_400_000) / rows)} AS BIGINT)) AS predicted_at,
      'r-' || i AS request_id, 0::BIGINT AS request_row, 1::BIGINT AS model_version, 's' AS service, NULL::VARCHAR AS rollout,
      NULL::VARCHAR AS role, (i // ${sql.lit(LINES_A_FILE)}) || '.jsonl' AS log_file, i % ${sql.lit(LINES_A_FILE)} + 1 AS log_line,
      ${sql.join(features)}, ${x} + ((i * 31) % 17) / 10.0 AS prediction, 'c' || (i % ${sql.lit(ENTITIES)}) AS customer_id
    FROM range(${sql.lit(rows)}) AS t(i)
  `
}

async function writeLog(): Promise<void> {
  let bytes = 0
  await timed(`write ${rows} lines`, async () => {
    const log = join(folder, 'log')
    await mkdir(log)
    for (let from = 0; from < rows; from += LINES_A_FILE) {
      const path = join(log, `${String(from).padStart(9, '0')}.jsonl`)
      const file = createWriteStream(path)
      for (let i = from; i < Math.min(rows, from + LINES_A_FILE); i += 1000) {
        const text = Array.from({ length: Math.min(1000, rows - i) }, (_, k) => line(i + k)).join('')
        if (!file.write(text)) await once(file, 'drain')
      }
      file.end()
      await finished(file)
      bytes += (await stat(path)).size
    }
  })
  console.log(`${(bytes / 1e6).toFixed(0)} MB of lines`)
}

try {
  console.log(`DuckDB's limit: ${memoryLimit}, Node ${process.version}`)
  if (!isMade) await writeLog()
  await using warehouse = await openDuckDb({
    path: join(folder, 'warehouse.duckdb'),
    ...(memoryLimit === 'default' ? {} : { memoryLimit }),
  })
  if (isMade) {
    await warehouse.run(sql`CREATE SCHEMA monitoring`)
    await timed(`make ${rows} rows`, () =>
      warehouse.run(sql`CREATE TABLE ${tableRef(predictionTable('bench'))} AS ${madeRows()}`),
    )
  } else {
    const load = () => loadPredictions({ warehouse, folder: join(folder, 'log'), model: 'bench' })
    const loaded = await timed('load them', load)
    await timed('load again: nothing is new', load)
    console.log(`${loaded.rows} rows, ${loaded.rejected} rejected`)
  }
  await timed('make labels', () =>
    warehouse.run(sql`
      CREATE TABLE happened AS SELECT customer_id, predicted_at + INTERVAL 1 HOUR AS at, usage__f0 AS kwh
      FROM ${tableRef(predictionTable('bench'))}
    `),
  )
  const week = (i: number) => ({ from: new Date(START + i * 604_800_000), to: new Date(START + (i + 1) * 604_800_000) })
  const result = await timed('join with labels and measure four weeks', () =>
    runTruth({
      warehouse,
      model: 'bench',
      keys: ['customer_id'],
      labels: { table: 'happened', time: 'at', value: 'kwh', gap: 3_600_000_000, within: 60_000_000 },
      windows: [0, 1, 2, 3].map(week),
      now: new Date(START + 40 * 86_400_000),
    }),
  )
  console.log(result.sentence)
} finally {
  await rm(folder, { recursive: true, force: true })
}
