// Kills readers of a topic at random moments, and the broker at every tenth, and compares the journal with the topic.
// npm run kafka -- --fetch, then: npx node --conditions=@martlet/source bench/kafka/kills.ts [kills] [seed]
import process from 'node:process'
import { startBroker } from '../../packages/feature-store/test/ingest/kafka/broker/broker.ts'
import { killRounds } from '../../packages/feature-store/test/ingest/kafka/kill-rounds.ts'
import { randomNumbers } from '../../packages/feature-store/test/materialize/interrupted.ts'

const rounds = Number(process.argv[2] ?? 100)
const seed = Number(process.argv[3] ?? 1)
const broker = await startBroker()
try {
  const onRound = (round: number): void => {
    if (round % 10 === 0) console.log(`${round} of ${rounds}`)
  }
  const outcome = await killRounds({ broker, rounds, brokerEvery: 10, random: randomNumbers(seed), onRound })
  const { records, unwritten, missing, doubled, wrong, readersKilled, brokersKilled } = outcome
  console.log(
    `seed ${seed}: ${readersKilled} readers and ${brokersKilled} brokers killed, ${records} records in the topic`,
  )
  console.log(
    `acknowledged and lost ${unwritten}, missing in the journal ${missing.length}, doubled ${doubled.length}, wrong ${wrong.length}`,
  )
  process.exitCode = unwritten + missing.length + doubled.length + wrong.length === 0 ? 0 : 1
} finally {
  await broker.stop()
}
