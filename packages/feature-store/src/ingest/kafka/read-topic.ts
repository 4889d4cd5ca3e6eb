import { MartletError } from '@martlet/warehouse'
import type { EventStore } from '../../online/events/event-store.ts'
import type { AnyIngestSource } from '../source.ts'
import type { TailWriter } from '../tail-writer.ts'
import { checkCluster, type KafkaCluster } from './cluster.ts'
import { reasonOf } from './failures.ts'
import { groupOf } from './kafka-origin.ts'
import type { OpenLog } from './log-client.ts'
import type { KafkaReading } from './reading.ts'
import { recordEvents } from './record-events.ts'
import { TopicReader } from './topic-reader.ts'

export interface ReadTopicOptions {
  readonly cluster: KafkaCluster
  /** The store whose journal gets the events. */
  readonly store: EventStore
  /** Gives the writer of what continuous views keep of the events, each time that some are read. */
  readonly tails?: () => TailWriter | undefined
  /** How many events may wait for the warehouse before reading pauses. @default 1_000_000 */
  readonly mostWaiting?: number
  /** Called when something happens: a re-balance, a failure, a pause. */
  readonly report?: (reading: KafkaReading) => void
  /** Opens another client than `@platformatic/kafka`. */
  readonly open?: OpenLog
}

/** Reads the topic of a source into its journal, until it is told to stop. */
export interface KafkaReader {
  /**
   * Resolves when the signal says stop. The first connection decides; whatever fails after it is tried again, later and
   * later, up to every 10 seconds.
   * @throws MartletError KAFKA_OPEN_FAILED, KAFKA_TOPIC_MISSING, KAFKA_CLIENT_MISSING at the first connection,
   * KAFKA_TOPIC_RECREATED at any time
   */
  run(signal: AbortSignal): Promise<void>
  /**
   * Reads what the topic has now, of the partitions that the group gives to this process, and resolves.
   * @throws MartletError as `run` does
   */
  catchUp(signal: AbortSignal): Promise<void>
  /** What is read now, and what has happened. */
  reading(): KafkaReading
}

/**
 * Makes the reader of a source's topic. Each record gets into the journal once, whatever ends in the middle, because offsets
 * are stored with the events.
 * @throws MartletError NO_KAFKA_ORIGIN when the source has no topic, CONFIG_INVALID when brokers are no addresses
 *
 * @example
 * const reader = readTopic(payments, { cluster: { brokers: ['kafka-1:9092'] }, store })
 * await reader.run(AbortSignal.timeout(60_000))
 */
export function readTopic(source: AnyIngestSource, options: ReadTopicOptions): KafkaReader {
  const { name, plan } = source
  const { cluster, store, tails, mostWaiting, report } = options
  const { from: origin } = plan
  if (origin === null)
    throw new MartletError(
      'NO_KAFKA_ORIGIN',
      `Source ${name} is read from no topic: it has no \`from: kafka({ topic: … })\`.`,
      { data: { source: name } },
    )
  checkCluster(cluster)
  const open: OpenLog = async () => {
    const { openPlatformaticLog } = await import('./platformatic-log.ts')
    return openPlatformaticLog({ topic: origin.topic, group: groupOf(name, origin), cluster })
  }
  return new TopicReader({
    source: name,
    origin,
    store,
    open: options.open ?? open,
    events: recordEvents(plan, origin.topic, store, tails),
    reasonOf: (error) => reasonOf(error, cluster),
    ...(mostWaiting === undefined ? {} : { mostWaiting }),
    ...(report === undefined ? {} : { report }),
  })
}
