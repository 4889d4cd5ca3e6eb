/** What a source's topic and its reading are like now. */
export interface KafkaReading {
  readonly source: string
  readonly topic: string
  readonly group: string
  /** `connecting` until the group has said what this process reads, and again while the brokers are away. */
  readonly state: 'connecting' | 'reading' | 'paused' | 'stopped'
  /** The partitions that this process reads. */
  readonly partitions: readonly PartitionReading[]
  /** Records that the topic has and the store has not. */
  readonly lag: bigint
  /** How often the group gave this process other partitions. */
  readonly rebalances: number
  /** Records that were read; of them, those that the store took, had already, and that are not valid. */
  readonly records: number
  readonly accepted: number
  readonly repeated: number
  readonly rejected: number
  readonly deadLetters: number
  /** Batches that were not appended, because another member of the group had already. */
  readonly fenced: number
  /** Records that the topic had dropped before they were read. */
  readonly lost: bigint
  /** Connections and requests that failed and were tried again. */
  readonly failures: number
  /** Why the last of them failed; never a secret. */
  readonly lastFailure?: string
}

export interface PartitionReading {
  readonly partition: number
  /** The offset up to which the store has the partition, which is stored with the events. */
  readonly committed: bigint
  /** The offset that the topic's next record will get. */
  readonly end: bigint
}

/** Counts what happens, for metrics and for people. */
export class ReadingCounter {
  state: KafkaReading['state'] = 'connecting'
  rebalances = 0
  records = 0
  accepted = 0
  repeated = 0
  rejected = 0
  deadLetters = 0
  fenced = 0
  lost = 0n
  failures = 0
  lastFailure: string | undefined
  readonly #ends = new Map<number, bigint>()

  ended(partition: number, end: bigint): void {
    this.#ends.set(partition, end)
  }

  reading(source: string, topic: string, group: string, positions: ReadonlyMap<number, bigint>): KafkaReading {
    const partitions = [...positions].map(([partition, committed]) => ({
      partition,
      committed,
      end: this.#ends.get(partition) ?? committed,
    }))
    const lag = partitions.reduce((sum, { committed, end }) => sum + (end > committed ? end - committed : 0n), 0n)
    const { state, rebalances, records, accepted, repeated, rejected, deadLetters, fenced, lost, failures } = this
    return {
      source,
      topic,
      group,
      state,
      partitions,
      lag,
      rebalances,
      records,
      accepted,
      repeated,
      rejected,
      deadLetters,
      fenced,
      lost,
      failures,
      ...(this.lastFailure === undefined ? {} : { lastFailure: this.lastFailure }),
    }
  }
}
