import { randomBytes } from 'node:crypto'
import { Admin, Producer, ProduceAcks, type CompressionAlgorithmValue } from '@platformatic/kafka'

export interface WrittenRecord {
  readonly partition: number
  readonly key?: string
  /** None: a tombstone. */
  readonly value?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Topics of a broker and what is written to them, for tests and measurements. */
export class Topics {
  readonly #address: string
  readonly #admin: Admin
  #producer: Producer | undefined

  constructor(address: string) {
    this.#address = address
    this.#admin = new Admin({ clientId: 'test', bootstrapBrokers: [address], retries: 10, retryDelay: 200 })
  }

  /** A topic of its own, so that tests do not meet. */
  async create(partitions: number): Promise<string> {
    const name = `topic-${randomBytes(6).toString('hex')}`
    await this.#admin.createTopics({ topics: [name], partitions, replicas: 1 })
    return name
  }

  async grow(topic: string, partitions: number): Promise<void> {
    await this.#admin.createPartitions({ topics: [{ name: topic, count: partitions, assignments: null }] })
  }

  async drop(topic: string): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] })
  }

  /** Creates a topic that was dropped; the broker may need a moment to forget the old one. */
  async createAgain(topic: string, partitions: number): Promise<void> {
    await this.#admin.createTopics({ topics: [topic], partitions, replicas: 1 })
  }

  /** The offsets that a group has told the broker, as tools show them. */
  async committed(group: string, topic: string): Promise<readonly bigint[]> {
    const groups = await this.#admin.listConsumerGroupOffsets({ groups: [group] })
    const found = groups.flatMap(({ topics }) => topics).find(({ name }) => name === topic)
    return (found?.partitions ?? []).map(({ committedOffset }) => committedOffset)
  }

  async write(
    topic: string,
    records: readonly WrittenRecord[],
    compression: CompressionAlgorithmValue = 'none',
  ): Promise<void> {
    this.#producer ??= new Producer({
      clientId: 'test',
      bootstrapBrokers: [this.#address],
      idempotent: true,
      acks: ProduceAcks.ALL,
      retries: 50,
      retryDelay: 200,
    })
    await this.#producer.send({ messages: records.map((record) => message(topic, record)), compression })
  }

  /** Writes records in a transaction, and then commits it or aborts it. */
  async transact(topic: string, parts: readonly (readonly WrittenRecord[])[], end: 'commit' | 'abort'): Promise<void> {
    const producer = new Producer({
      clientId: 'test',
      bootstrapBrokers: [this.#address],
      idempotent: true,
      transactionalId: randomBytes(6).toString('hex'),
      acks: ProduceAcks.ALL,
      retries: 20,
    })
    try {
      const transaction = await producer.beginTransaction()
      for (const records of parts) await transaction.send({ messages: records.map((record) => message(topic, record)) })
      await (end === 'commit' ? transaction.commit() : transaction.abort())
    } finally {
      await producer.close()
    }
  }

  async close(): Promise<void> {
    await this.#producer?.close()
    await this.#admin.close()
  }
}

function message(topic: string, { partition, key, value, headers = {} }: WrittenRecord) {
  return {
    topic,
    partition,
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
    ...(value === undefined ? {} : { value: Buffer.from(value) }),
    headers: new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
  }
}
