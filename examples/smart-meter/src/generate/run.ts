// Writes what arrives in a generated world: npm run generate -w examples/smart-meter -- --meterpoints 24 --days 189
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { LANDING } from '../state-folder.ts'
import { writeLanding } from './write-landing.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    meterpoints: { type: 'string', default: '24' },
    start: { type: 'string', default: '2025-10-06' },
    days: { type: 'string', default: '189' },
    from: { type: 'string' },
    until: { type: 'string' },
    folder: { type: 'string', default: LANDING },
  },
})
if (values.from === undefined) rmSync(values.folder, { recursive: true, force: true })
const { files, lines, ledger } = writeLanding(
  values.folder,
  {
    seed: Number(values.seed),
    meterpoints: Number(values.meterpoints),
    start: values.start,
    days: Number(values.days),
  },
  {
    ...(values.from === undefined ? {} : { fromDay: Number(values.from) }),
    ...(values.until === undefined ? {} : { untilDay: Number(values.until) }),
  },
)
console.log(`${files.toLocaleString('en')} files with ${lines.toLocaleString('en')} lines. Faults of the whole world:`)
for (const [fault, count] of ledger.counts) console.log(`  ${fault.padEnd(20)} ${count.toLocaleString('en')}`)
