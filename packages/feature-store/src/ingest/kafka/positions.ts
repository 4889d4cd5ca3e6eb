import { MartletError } from '@martlet/warehouse'
import type { EventStore } from '../../online/events/event-store.ts'
import type { KafkaOrigin } from './kafka-origin.ts'
import type { Bounds, LogClient } from './log-client.ts'

/** How far a source's partitions have been read: of each, the offset to read next. */
export type Positions = ReadonlyMap<number, bigint>

/** The name under which a store keeps the offset of a partition. */
export function originName(topic: string, partition: number): string {
  return `${topic}/${partition}`
}

/** Offsets by the names under which a store keeps them. */
export function storedOffsets(topic: string, positions: Positions): Record<string, bigint> {
  return Object.fromEntries([...positions].map(([partition, next]) => [originName(topic, partition), next]))
}

/**
 * Where to read some partitions from: what the store has, which changes in one transaction with the events. A partition that
 * was never read begins with its first record. A source that starts with what comes from now on stores the ends of all
 * partitions first, so that neither a second reader nor a partition that is added later loses events or brings old ones.
 */
export async function positionsOf(
  store: EventStore,
  source: string,
  origin: KafkaOrigin,
  client: LogClient,
  partitions: readonly number[],
): Promise<Map<number, bigint>> {
  const positions = new Map<number, bigint>()
  let stored = await store.offsets(source)
  if (partitions.every((partition) => originName(origin.topic, partition) in stored)) {
    for (const partition of partitions) positions.set(partition, stored[originName(origin.topic, partition)] ?? 0n)
    return positions
  }
  const bounds = await client.bounds()
  if (origin.start === 'latest' && !Object.keys(stored).some((name) => name.startsWith(`${origin.topic}/`))) {
    await storeEnds(store, source, origin.topic, bounds)
    stored = await store.offsets(source)
  }
  for (const partition of partitions)
    positions.set(partition, stored[originName(origin.topic, partition)] ?? bounds.get(partition)?.first ?? 0n)
  return positions
}

async function storeEnds(
  store: EventStore,
  source: string,
  topic: string,
  bounds: ReadonlyMap<number, Bounds>,
): Promise<void> {
  const ends = new Map([...bounds].map(([partition, { end }]) => [partition, end]))
  try {
    await store.append(source, [], { offsets: storedOffsets(topic, ends), after: {} })
  } catch (error) {
    if (!isMoved(error)) throw error
  }
}

/** Another reader of the same partitions has appended what this one fetched. */
export function isMoved(error: unknown): boolean {
  return error instanceof MartletError && error.code === 'OFFSETS_MOVED'
}

/** The topic ends before the place that was read last. */
export function topicEndsEarlier(
  source: string,
  topic: string,
  partition: number,
  read: bigint,
  end: bigint,
): MartletError {
  const message =
    `Source ${source} has read partition ${partition} of topic ${topic} up to offset ${read}, and the topic ends at ${end}: ` +
    'it was deleted and created again, or lost records. Nothing is read until the source says what to do: ' +
    `kafka({ topic: '${topic}', recreated: 'earliest' }) reads it from its start.`
  return new MartletError('KAFKA_TOPIC_RECREATED', message, { data: { source, topic, partition, read, end } })
}
