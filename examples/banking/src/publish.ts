// Publishes the change events of a simulated bank to a broker, a topic for each table:
// BANKING_KAFKA=localhost:9092 npm run publish -w examples/banking -- [--seed 1] [--customers 120] [--days 100]
import process from 'node:process'
import { tableOf } from '@martlet/example-logistics/model/text-table'
import { Admin, ProduceAcks, Producer } from '@platformatic/kafka'
import { bankFlags } from './bank/flags.ts'
import { KEYS, type TableName } from './bank/rows.ts'
import { simulate } from './bank/simulate.ts'
import { deliver } from './change/deliver.ts'
import { BROKERS, topicOf } from './topics.ts'

/** Records of one request to the broker. */
const AT_ONCE = 1000

const brokers = process.env[BROKERS]?.split(',')
if (brokers === undefined) throw new Error(`${BROKERS} is not set. Name the brokers: ${BROKERS}=localhost:9092`)
const options = bankFlags(process.argv.slice(2))
const { messages } = deliver(simulate(options).bank.database.log, options.seed)
const client = { clientId: 'bank', bootstrapBrokers: brokers, retries: 10, retryDelay: 200 }
const admin = new Admin(client)
const producer = new Producer({ ...client, idempotent: true, acks: ProduceAcks.ALL })
try {
  const rows = []
  for (const table of Object.keys(KEYS) as TableName[]) {
    const topic = topicOf(table)
    await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })
    const records = messages.filter((message) => message.table === table)
    for (let from = 0; from < records.length; from += AT_ONCE)
      await producer.send({
        messages: records.slice(from, from + AT_ONCE).map(({ key, value }) => ({
          topic,
          key: Buffer.from(key),
          // A deletion is followed by a record without a value.
          ...(value === null ? {} : { value: Buffer.from(value) }),
        })),
      })
    rows.push([topic, String(records.length)])
  }
  console.log(tableOf(['topic', 'records'], rows))
} finally {
  await producer.close()
  await admin.close()
}
