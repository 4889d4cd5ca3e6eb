// Delivers a generated world to raw: npm run generate -w examples/logistics -- --vehicles 100 --days 365
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDuckDb } from '@martlet/warehouse'
import { fillMart } from '../fill-mart.ts'
import { deliver, emptyRaw } from './deliver.ts'
import { faultCounts } from './ledger.ts'
import { simulate } from './simulate.ts'
import { STATE } from '../state-folder.ts'
import { SINCE } from '../world-range.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    vehicles: { type: 'string', default: '100' },
    customers: { type: 'string' },
    locations: { type: 'string' },
    days: { type: 'string', default: '365' },
    start: { type: 'string', default: SINCE },
    'every-minutes': { type: 'string', default: '60' },
    parked: { type: 'boolean', default: false },
    from: { type: 'string', default: '0' },
    until: { type: 'string' },
    path: { type: 'string', default: join(STATE, 'warehouse.duckdb') },
    fill: { type: 'boolean', default: false },
  },
})

const started = performance.now()
const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`
const world = simulate({
  seed: Number(values.seed),
  vehicles: Number(values.vehicles),
  days: Number(values.days),
  start: new Date(`${values.start}T00:00:00Z`),
  everyMinutes: Number(values['every-minutes']),
  parked: values.parked,
  ...(values.customers === undefined ? {} : { customers: Number(values.customers) }),
  ...(values.locations === undefined ? {} : { locations: Number(values.locations) }),
})
mkdirSync(dirname(values.path), { recursive: true })
await using warehouse = await openDuckDb({ path: values.path })
if (values.from === '0') await emptyRaw(warehouse)
const { rows, faults } = await deliver(warehouse, world, {
  fromDay: Number(values.from),
  ...(values.until === undefined ? {} : { untilDay: Number(values.until) }),
})
console.log(`Rows added to raw (${seconds()}):`)
for (const [table, count] of Object.entries(rows)) console.log(`  ${table.padEnd(22)} ${count.toLocaleString('en')}`)
console.log('Faults among them:')
for (const [fault, count] of faultCounts(faults)) console.log(`  ${fault.padEnd(22)} ${count.toLocaleString('en')}`)
if (values.fill) {
  const { loads, snapshots } = await fillMart(warehouse)
  console.log(`Rows written by loads and snapshots (${seconds()}):`)
  for (const { into, inserted, updated } of [...loads, ...snapshots])
    console.log(`  ${into.padEnd(34)} ${(inserted + updated).toLocaleString('en')}`)
}
