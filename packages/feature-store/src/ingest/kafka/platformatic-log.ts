import type * as Client from '@platformatic/kafka'
import { clientOptions, loadClient } from './client-options.ts'
import type { KafkaCluster } from './cluster.ts'
import { fetchedPartitions, type FetchResponse } from './fetched.ts'
import { openFailed, reasonOf, topicMissing } from './failures.ts'
import type { Assignment, Bounds, FetchedPartition, LogClient, OutgoingRecord, OutOfRange } from './log-client.ts'

export interface LogSettings {
  readonly topic: string
  readonly group: string
  readonly cluster: KafkaCluster
}

type Fetched = readonly (FetchedPartition | OutOfRange)[]

/** How long a broker may keep a request for records that are not there yet. */
const WAIT_MS = 500
const LARGEST_ANSWER = 8 << 20
const LARGEST_PART = 2 << 20
const SESSION_MS = 10_000

/**
 * A member of a group, by `@platformatic/kafka`. It fetches by itself instead of through the client's stream, which keeps
 * positions of its own and, in 2.12, passes on records of aborted transactions whose marker comes in a later answer.
 */
export async function openPlatformaticLog(settings: LogSettings): Promise<LogClient> {
  const client = await loadClient()
  const log = new PlatformaticLog(client, settings)
  return log
}

class PlatformaticLog implements LogClient {
  readonly #client: typeof Client
  readonly #settings: LogSettings
  readonly #consumer: Client.Consumer
  #producer: Client.Producer | undefined
  #assignment: Assignment = { partitions: [] }
  readonly #underWay = new Map<number, Promise<{ readonly node: number; readonly fetched: Fetched }>>()
  #partitionCount = 0

  constructor(client: typeof Client, settings: LogSettings) {
    this.#client = client
    this.#settings = settings
    const sessionTimeout = settings.cluster.sessionMs ?? SESSION_MS
    this.#consumer = new client.Consumer({
      ...clientOptions(settings.cluster),
      groupId: settings.group,
      sessionTimeout,
      rebalanceTimeout: sessionTimeout,
      heartbeatInterval: Math.max(100, Math.floor(sessionTimeout / 5)),
      heartbeatStallTimeout: sessionTimeout * 3,
      maxWaitTime: WAIT_MS,
      maxBytes: LARGEST_ANSWER,
      isolationLevel: client.FetchIsolationLevels.READ_COMMITTED,
    })
    this.#consumer.on('consumer:group:join', ({ assignments }) => {
      const given = assignments?.find(({ topic }) => topic === settings.topic)?.partitions ?? []
      this.#assignment = { partitions: given.toSorted((a, b) => a - b) }
    })
    const lose = (error: unknown): void => {
      const lost = error === undefined ? 'the group does not answer' : reasonOf(error, settings.cluster)
      this.#assignment = { partitions: [], lost }
    }
    // Without a listener, the event of that name would end the process.
    Reflect.apply(this.#consumer.on, this.#consumer, ['error', lose])
    this.#consumer.on('consumer:heartbeat:stalled', ({ lastError }) => lose(lastError))
  }

  async join(): Promise<void> {
    const { topic, cluster } = this.#settings
    try {
      this.#partitionCount = (await this.#topicMetadata()).partitionsCount
      this.#consumer.topics.track(topic)
      await this.#consumer.joinGroup({})
    } catch (error) {
      throw openFailed(topic, cluster, error)
    }
  }

  assignment(): Assignment {
    return this.#assignment
  }

  async fetch(from: ReadonlyMap<number, bigint>): Promise<Fetched> {
    const { partitions, id } = await this.#topicMetadata()
    const byNode = new Map<number, [partition: number, offset: bigint][]>()
    for (const [partition, offset] of from) {
      const leader = partitions[partition]?.leader
      if (leader === undefined || this.#underWay.has(leader)) continue
      byNode.set(leader, [...(byNode.get(leader) ?? []), [partition, offset]])
    }
    for (const [node, wanted] of byNode) this.#underWay.set(node, this.#fetchFrom(node, id, wanted))
    if (this.#underWay.size === 0) throw new Error('no partition has a leader')
    const { node, fetched } = await Promise.race(this.#underWay.values())
    this.#underWay.delete(node)
    return fetched
  }

  async #fetchFrom(
    node: number,
    topicId: string,
    wanted: readonly [partition: number, offset: bigint][],
  ): Promise<{ readonly node: number; readonly fetched: Fetched }> {
    const partitions = wanted.map(([partition, fetchOffset]) => ({
      partition,
      fetchOffset,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
      partitionMaxBytes: LARGEST_PART,
    }))
    try {
      const response = await this.#consumer.fetch({ node, topics: [{ topicId, partitions }] })
      return { node, fetched: fetchedPartitions(response, wanted) }
    } catch (error) {
      const response = this.#client.findErrorBy(asError(error), 'apiId', 'OFFSET_OUT_OF_RANGE') && responseOf(error)
      if (response) return { node, fetched: fetchedPartitions(response, wanted) }
      this.#underWay.delete(node)
      throw error
    }
  }

  async bounds(): Promise<ReadonlyMap<number, Bounds>> {
    const { topic } = this.#settings
    const list = async (timestamp: bigint): Promise<readonly bigint[]> =>
      (await this.#consumer.listOffsets({ topics: [topic], timestamp })).get(topic) ?? []
    const [first, end] = await Promise.all([
      list(this.#client.ListOffsetTimestamps.EARLIEST),
      list(this.#client.ListOffsetTimestamps.LATEST),
    ])
    return new Map(first.map((offset, partition) => [partition, { first: offset, end: end[partition] ?? offset }]))
  }

  async commit(next: ReadonlyMap<number, bigint>): Promise<void> {
    const { topic } = this.#settings
    const offsets = [...next].map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }))
    if (offsets.length > 0) await this.#consumer.commit({ offsets })
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.#producer ??= new this.#client.Producer({
      ...clientOptions(this.#settings.cluster),
      idempotent: true,
    })
    const messages = records.map(({ key, value, headers }) => ({
      topic,
      ...(key === null ? {} : { key: Buffer.from(key) }),
      ...(value === null ? {} : { value: Buffer.from(value) }),
      headers: new Map(headers.map(([name, header]) => [Buffer.from(name), Buffer.from(header ?? '')])),
    }))
    await this.#producer.send({ messages, acks: this.#client.ProduceAcks.ALL })
  }

  async close(): Promise<void> {
    const closing = Promise.all([this.#consumer.close(true), this.#producer?.close()])
    // A broker that is away cannot be told; the group finds out by itself.
    await Promise.race([closing.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 2000).unref())])
    for (const fetching of this.#underWay.values()) fetching.catch(() => undefined)
  }

  async #topicMetadata(): Promise<Client.ClusterTopicMetadata> {
    const { topic, cluster } = this.#settings
    try {
      const metadata = await this.#consumer.metadata({ topics: [topic] })
      const found = metadata.topics.get(topic)
      if (found !== undefined) {
        if (found.partitionsCount > this.#partitionCount && this.#partitionCount > 0) await this.#share(found)
        return found
      }
    } catch (error) {
      if (!isUnknownTopic(this.#client, asError(error))) throw error
    }
    throw topicMissing(topic, cluster)
  }

  /** The topic has more partitions than before: the group's leader has to share them out anew. */
  async #share({ partitionsCount }: Client.ClusterTopicMetadata): Promise<void> {
    this.#partitionCount = partitionsCount
    await this.#consumer.joinGroup({})
  }
}

function isUnknownTopic(client: typeof Client, error: Error): boolean {
  // The client has a mistake of the caller for it, which only its text tells from others.
  return (
    error.message.startsWith('Unknown topic') ||
    client.findErrorBy(error, 'apiId', 'UNKNOWN_TOPIC_OR_PARTITION') !== null
  )
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** The answer in which some partitions failed, where the client kept it. */
function responseOf(error: unknown): FetchResponse | undefined {
  if (!(error instanceof Error)) return undefined
  if ('response' in error) return error.response as FetchResponse
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  return inner.map(responseOf).find((response) => response !== undefined)
}
