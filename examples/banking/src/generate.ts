// Writes the change events of a simulated bank: npm run generate -w examples/banking -- [--seed 1] [--customers 120] [--days 100]
import { join } from 'node:path'
import process from 'node:process'
import { tableOf } from '@martlet/example-logistics/model/text-table'
import { bankFlags } from './bank/flags.ts'
import { simulate } from './bank/simulate.ts'
import { deliver } from './change/deliver.ts'
import { writeEvents } from './change/write-events.ts'
import { STATE } from './state-folder.ts'

const options = bankFlags(process.argv.slice(2))
const { bank, fraud } = simulate(options)
const { messages, met } = deliver(bank.database.log, options.seed)
const counts = await writeEvents(join(STATE, 'events'), messages)
const changes = (table: string): string => String(bank.database.log.filter((change) => change.table === table).length)
console.log(
  tableOf(
    ['table', 'changes', 'records delivered'],
    Object.entries(counts).map(([table, count]) => [table, changes(table), String(count)]),
  ),
)
console.log(
  `${met.repeated} repeated, ${met.reordered} out of order, ${met.delayed} minutes to hours late; ` +
    `${fraud.size} payments were somebody else’s`,
)
