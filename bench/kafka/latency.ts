// From a record that the broker has acknowledged to its event in the journal of an LMDB store, where continuous views see it.
// npm run kafka -- --fetch, then: npx node --conditions=@martlet/source bench/kafka/latency.ts [records a second] [seconds]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { entity, fact, kafka, openLmdbStore, readTopic, source, type EventStore } from '@martlet/feature-store'
import { startBroker } from '../../packages/feature-store/test/ingest/kafka/broker/broker.ts'
import { Topics } from '../../packages/feature-store/test/ingest/kafka/topics.ts'

const rate = Number(process.argv[2] ?? 500)
const seconds = Number(process.argv[3] ?? 10)
const account = entity('account', { account_id: z.string() })
const paymentFact = fact('mart.payments', {
  columns: { payment_id: z.string(), account_id: z.string(), amount: z.number(), ts: z.date() },
  entities: [account],
  eventTime: 'ts',
})

const folder = await mkdtemp(join(tmpdir(), 'martlet-latency-'))
const broker = await startBroker()
const topics = new Topics(broker.address)
const store = openLmdbStore({ path: folder })
try {
  if (store.events === undefined) throw new Error('LMDB keeps events.')
  await run(store.events)
} finally {
  await store.close()
  await topics.close()
  await broker.stop()
  await rm(folder, { recursive: true, force: true })
}

async function run(events: EventStore): Promise<void> {
  const topic = await topics.create(3)
  const payments = source('payments', { into: paymentFact, id: ['payment_id'], from: kafka({ topic }) })
  const reader = readTopic(payments, { cluster: { brokers: [broker.address] }, store: events })
  const stop = new AbortController()
  const reading = reader.run(stop.signal)
  while (reader.reading().state !== 'reading') await sleep(20)
  const acknowledged = new Map<string, number>()
  const latencies: number[] = []
  const watching = watch(events, acknowledged, latencies, rate * seconds)
  const batch = Math.max(1, Math.round(rate / 50))
  for (let written = 0; written < rate * seconds;) {
    const started = performance.now()
    const ids = Array.from({ length: Math.min(batch, rate * seconds - written) }, () => `p${written++}`)
    await topics.write(
      topic,
      ids.map((id, index) => ({
        partition: index % 3,
        key: id,
        value: JSON.stringify({ payment_id: id, account_id: `a${index}`, amount: 1.5, ts: new Date().toISOString() }),
      })),
    )
    const now = performance.now()
    for (const id of ids) acknowledged.set(id, now)
    await sleep(Math.max(0, (batch / rate) * 1000 - (performance.now() - started)))
  }
  await watching
  stop.abort()
  await reading
  latencies.sort((a, b) => a - b)
  const at = (share: number): string => (latencies[Math.floor((latencies.length - 1) * share)] ?? 0).toFixed(1)
  console.log(`${latencies.length} records at ${rate} a second, acknowledged → in the journal:`)
  console.log(`p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, largest ${at(1)} ms`)
  if (Number(at(1)) >= 1000) process.exitCode = 1
}

/** Looks at the journal as the server does, and takes the time when each event is there. */
async function watch(
  events: EventStore,
  acknowledged: ReadonlyMap<string, number>,
  latencies: number[],
  count: number,
): Promise<void> {
  const early = new Map<string, number>()
  const taken = new Set<string>()
  for (let position = 0n; taken.size + early.size < count || early.size > 0; await sleep(2)) {
    for (const event of await events.read('payments', position, 10_000)) {
      position = event.position
      early.set(Buffer.from(event.id).toString(), performance.now())
    }
    for (const [id, seen] of early) {
      const since = acknowledged.get(id)
      if (since === undefined) continue
      // It may be there before its writer hears that it was written.
      latencies.push(Math.max(0, seen - since))
      taken.add(id)
      early.delete(id)
    }
  }
}
