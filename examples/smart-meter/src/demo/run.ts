// The whole example, from an empty folder to a served forecast: npm run demo -w examples/smart-meter [-- --meterpoints 12]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { walkThrough } from './walk-through.ts'

const { values } = parseArgs({ options: { meterpoints: { type: 'string', default: '12' } } })
const meterpoints = Number(values.meterpoints)
if (!Number.isSafeInteger(meterpoints) || meterpoints < 4)
  throw new Error(`--meterpoints ${values.meterpoints} is not a whole number of at least 4.`)
process.exitCode = await walkThrough({ meterpoints })
