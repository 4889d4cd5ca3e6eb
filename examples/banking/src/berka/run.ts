// Follows the balances of the Czech bank, where its data is: npm run berka -w examples/banking [-- --all]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { openDuckDb } from '@martlet/warehouse'
import { moneyText } from '../bank/money.ts'
import { BERKA, berkaIsThere, readBookings } from './read-bookings.ts'
import { reconcile, ROUNDING } from './reconcile.ts'

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
if (!berkaIsThere) {
  console.log(`The data is not here: ${BERKA}`)
  process.exit()
}
await using warehouse = await openDuckDb()
const { bookings, accounts, exact, breaks } = reconcile(await readBookings(warehouse))
const rounded = breaks.filter(({ cents }) => Math.abs(cents) === ROUNDING)
console.log(
  `${bookings} bookings of ${accounts} accounts: ${exact} continue the balance before them to the cent, ` +
    `${rounded.length} are off by the rounding of ${moneyText(ROUNDING)}, ${breaks.length - rounded.length} follow one that is missing`,
)
for (const { row, account, date, cents } of values.all ? breaks : breaks.filter((one) => !rounded.includes(one)))
  console.log(`row ${row}: account ${account}, ${date}, ${moneyText(cents)}`)
