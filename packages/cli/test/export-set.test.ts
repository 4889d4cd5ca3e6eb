import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { buildTrainingSet, entity, fact, featureService, featureView, vectorFields } from '@martlet/feature-store'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { exportSet } from '../src/command/export-set.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const use = featureView('use', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ peak: f.max('kwh').over('1d').default(-1), kwh: f.sum('kwh').over('1d') }),
})
const service = featureService('s', [use])

test('a file of many row groups, whose description tells features, defaults and the spine apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-export-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(
    sql`CREATE TABLE mart.usage AS SELECT 'a' AS customer_id, TIMESTAMP '2024-01-01' AS ts, 2.0::DOUBLE AS kwh`,
  )
  const set = await buildTrainingSet({
    warehouse,
    service,
    spine: {
      query: sql`
        SELECT CASE WHEN i % 2 = 0 THEN 'a' ELSE 'nobody' END AS customer_id, TIMESTAMP '2024-01-02' AS "at", i
        FROM range(300000) r(i)
      `,
    },
    time: 'at',
  })
  const file = join(folder, 'rows.parquet')
  // What described an earlier file goes before the new one comes.
  await writeFile(`${file}.json`, 'old')
  const context = { exporting: <T>(work: () => T): T => work(), signal: new AbortController().signal }
  const [exported] = await exportSet(context, warehouse, set, {
    parquet: file,
    time: 'at',
    fields: vectorFields(service.plan),
  })
  expect(exported).toEqual({ file, sidecar: `${file}.json`, bytes: (await stat(file)).size })
  expect((await stat(`${file}.json`)).mode & 0o777).toBe(0o666 & ~process.umask())
  expect(JSON.parse(await readFile(`${file}.json`, 'utf8'))).toMatchObject({
    rows: 300_000,
    features: [
      { name: 'use__peak_1d', type: 'double', nullable: false, default: -1 },
      { name: 'use__kwh_1d', type: 'double', nullable: false },
    ],
    labels: [],
    missing: [{ name: 'use__peak_1d__missing', type: 'boolean' }],
    keys: ['customer_id'],
    time: 'at',
    split: null,
    spine: [
      { name: 'spine_row', type: 'bigint' },
      { name: 'customer_id', type: 'text' },
      { name: 'at', type: 'timestamp' },
      { name: 'i', type: 'bigint' },
    ],
  })
  const groups = sql`
    SELECT COUNT(DISTINCT row_group_id) AS n, MIN(compression) AS least, MAX(compression) AS most
    FROM parquet_metadata(${sql.lit(file)})
  `
  expect(rowsOf(await warehouse.read(groups))).toEqual([{ n: 3, least: 'ZSTD', most: 'ZSTD' }])
  const order = sql`SELECT COUNT(*) AS n FROM read_parquet(${sql.lit(file)}) WHERE spine_row <> file_row_number`
  expect(rowsOf(await warehouse.read(order))).toEqual([{ n: 0 }])
})
