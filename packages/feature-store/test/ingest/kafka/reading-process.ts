// Reads a topic into the journal of an LMDB store until it is ended; says `reading` when the group has given it partitions.
import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { kafka } from '../../../src/ingest/kafka/kafka-origin.ts'
import { openPlatformaticLog } from '../../../src/ingest/kafka/platformatic-log.ts'
import { TopicReader } from '../../../src/ingest/kafka/topic-reader.ts'
import { openLmdbStore } from '../../../src/online/lmdb/lmdb-store.ts'

const [address = '', topic = '', folder = ''] = process.argv.slice(2)
const { events } = openLmdbStore({ path: folder })
if (events === undefined) throw new Error('LMDB keeps events.')
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

const reader = new TopicReader({
  source: 's',
  origin: kafka({ topic }),
  store: events,
  open: () =>
    openPlatformaticLog({ topic, group: `group-of-${topic}`, cluster: { brokers: [address], sessionMs: 1000 } }),
  // No two events share an id, so that nothing but offsets keeps a record from being taken twice.
  events: (records, arrived) =>
    records.map(({ partition, offset, value }) => ({
      id: Buffer.from(randomUUID()),
      body: value ?? new Uint8Array(),
      arrived,
      origin: `${partition}@${offset}`,
      tails: [],
    })),
  report: ({ state, partitions }) => {
    if (state === 'reading' && partitions.length > 0) console.log('reading')
  },
})
await reader.run(stop.signal)
