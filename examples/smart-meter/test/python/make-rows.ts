// Writes a small world and what the etl makes of it, for pandas to compute again: make-rows.ts <folder>
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { writeLanding } from '../../src/generate/write-landing.ts'
import { landFiles } from '../../src/land/land-files.ts'
import { openMart } from '../../src/open-mart.ts'
import { runEtl } from '../../src/run-etl.ts'
import { oftenFaulty } from '../support/often-faulty.ts'

const folder = resolve(process.argv[2] ?? '.tmp/smart-meter')
rmSync(folder, { recursive: true, force: true })
const landing = join(folder, 'landing')
mkdirSync(join(folder, 'made'), { recursive: true })

// Clocks go back on the 21st day of the world.
const start = '2025-10-06'
const plan = {
  since: start,
  last: '2025-11-16',
  referenceDates: ['2025-10-20', '2025-10-26', '2025-11-02', '2025-11-09', '2025-11-16'],
}
const { ledger } = writeLanding(landing, { seed: 5, meterpoints: 24, start, days: 42, faults: oftenFaulty })
await using warehouse = await openMart()
const { files } = await landFiles(warehouse, landing)
for (const referenceDate of plan.referenceDates) await runEtl(warehouse, { referenceDate, since: start })
writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan))
for (const table of ['active_agreements', 'half_hourly_consumption', 'daily_product_consumption'])
  await writeCsv(warehouse, table)
console.log(`${files} files; faults: ${ledger.counts.map(([fault, count]) => `${fault} ${count}`).join(', ')}`)

async function writeCsv(from: Warehouse, table: string): Promise<void> {
  const path = join(folder, 'made', `${table}.csv`)
  await from.run(sql`COPY (SELECT * FROM ${tableRef(`mart.${table}`)} AS t) TO ${sql.lit(path)} (HEADER)`)
}
