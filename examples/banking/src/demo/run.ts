// A bank's changes, from an empty folder to decided payments: npm run demo -w examples/banking
// [-- --customers 120] [--days 100] [--payments 120] [--kafka localhost:9092]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { walkThrough } from './walk-through.ts'

const { values } = parseArgs({
  options: {
    customers: { type: 'string', default: '120' },
    days: { type: 'string', default: '100' },
    payments: { type: 'string', default: '120' },
    kafka: { type: 'string' },
  },
})
const [customers, days, payments] = [Number(values.customers), Number(values.days), Number(values.payments)]
if (![customers, days, payments].every((value) => Number.isSafeInteger(value) && value >= 20))
  throw new Error('--customers, --days and --payments are whole numbers of at least 20.')
process.exitCode = await walkThrough({ customers, days, payments, brokers: values.kafka })
