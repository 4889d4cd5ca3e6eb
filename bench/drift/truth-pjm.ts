/**
 * Measures a forecast of real load (PJM, ten zones, hourly) week by week over a hard winter, and prints what alerts.
 *
 *   npx node --conditions=@martlet/source bench/drift/truth-pjm.ts <folder with load.parquet>
 */
import { join } from 'node:path'
import process from 'node:process'
import { loadFile, openDuckDb, sql } from '@martlet/warehouse'
import { runTruth } from '@martlet/drift'

const [folder = '.'] = process.argv.slice(2)
const DAY = 86_400_000
const START = Date.UTC(2017, 11, 4)
await using warehouse = await openDuckDb({ memoryLimit: '1GB' })
await loadFile(warehouse, { table: 'load_mw', path: join(folder, 'load.parquet'), mode: 'create' })
// A day ahead: the load of the week before is the model, that of the day before the baseline.
await warehouse.run(sql`
  CREATE TABLE predicted AS
  WITH hourly AS (SELECT zone, ts, AVG(mw) AS mw FROM load_mw WHERE ts >= DATE '2016-01-01' GROUP BY zone, ts)
  SELECT a.ts - INTERVAL 1 DAY AS predicted_at, a.zone, b.mw AS prediction, c.mw AS day_before
  FROM hourly a
  JOIN hourly b ON b.zone = a.zone AND b.ts = a.ts - INTERVAL 7 DAY
  JOIN hourly c ON c.zone = a.zone AND c.ts = a.ts - INTERVAL 1 DAY
`)
const result = await runTruth({
  warehouse,
  model: 'pjm',
  table: 'predicted',
  keys: ['zone'],
  labels: { table: 'load_mw', time: 'ts', value: 'mw', gap: DAY * 1000, within: 60_000_000 },
  baseline: { column: 'day_before' },
  segments: ['zone'],
  reference: { from: new Date('2017-01-01T00:00:00Z'), to: new Date('2017-12-01T00:00:00Z') },
  windows: Array.from({ length: 10 }, (_, i) => ({
    from: new Date(START + i * 7 * DAY),
    to: new Date(START + (i + 1) * 7 * DAY),
  })),
  now: new Date('2018-07-01T00:00:00Z'),
  record: false,
})
for (const { from, status, sentence, findings } of result.windows) {
  console.log(`${from?.slice(0, 10)} ${status.padEnd(6)} ${sentence}`)
  for (const finding of findings) console.log(`    ${finding.severity.padEnd(5)} ${finding.sentence}`)
}
