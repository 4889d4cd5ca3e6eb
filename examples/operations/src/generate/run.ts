// Writes the company and its platform: npm run generate -w examples/operations -- [--customers 120] [--seed 1]
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDuckDb } from '@martlet/warehouse'
import { STATE } from '../state-folder.ts'
import { COMPANY_DAYS, DAYS, END } from '../world-range.ts'
import { makeWorld, writeWorld } from './write-world.ts'

const { values } = parseArgs({
  options: { customers: { type: 'string', default: '120' }, seed: { type: 'string', default: '1' } },
})
await using warehouse = await openDuckDb({ path: join(STATE, 'warehouse.duckdb') })
const world = makeWorld({
  seed: Number(values.seed),
  customers: Number(values.customers),
  days: DAYS,
  companyDays: COMPANY_DAYS,
  end: END,
})
for (const [table, rows] of Object.entries(await writeWorld(warehouse, world)))
  console.log(`${table.padEnd(20)} ${rows.toLocaleString('en')}`)
