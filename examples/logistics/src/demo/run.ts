// The whole platform, from an empty folder to a served and monitored model: npm run demo -w examples/logistics
// [-- --model python|typescript] [--vehicles 30]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { walkThrough } from './walk-through.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'typescript' },
    vehicles: { type: 'string', default: '30' },
  },
})
if (values.model !== 'python' && values.model !== 'typescript')
  throw new Error(`--model ${values.model} is neither python nor typescript.`)
const vehicles = Number(values.vehicles)
if (!Number.isSafeInteger(vehicles) || vehicles < 20)
  throw new Error(`--vehicles ${values.vehicles} is not a whole number of at least 20.`)
process.exitCode = await walkThrough({ trainer: values.model, vehicles })
