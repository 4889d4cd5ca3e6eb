/** A record of a topic as it is there. */
export interface LogRecord {
  readonly partition: number
  readonly offset: bigint
  /** Null where the record has none. */
  readonly key: Uint8Array | null
  /** Null: a tombstone. */
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[]
}

/** What came of one partition. */
export interface FetchedPartition {
  readonly partition: number
  /** The offset that was asked for. */
  readonly from: bigint
  readonly records: readonly LogRecord[]
  /** The offset to read from next; beyond the last record where markers or aborted records follow it. */
  readonly next: bigint
  /** The offset that the next record of the topic will get. */
  readonly end: bigint
}

/** The partition no longer has the offset that was asked for, or does not have it yet. */
export interface OutOfRange {
  readonly partition: number
  readonly from: bigint
  readonly outOfRange: true
}

/** The first offset that a partition still has, and the one behind its last. */
export interface Bounds {
  readonly first: bigint
  readonly end: bigint
}

/** The partitions that the group gives to this member. */
export interface Assignment {
  readonly partitions: readonly number[]
  /** Why this member is out of its group for good, and has to be replaced by a new one. */
  readonly lost?: string
}

/** A record to be written, such as a dead letter. */
export interface OutgoingRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[]
}

/**
 * What reading a topic asks of a Kafka client: one member of a group that reads one topic. It keeps no position: the caller
 * says from which offsets to read.
 */
export interface LogClient {
  /** Joins the group, and resolves when the group has said what this member reads. */
  join(): Promise<void>
  /** What this member reads: another object after each re-balance. */
  assignment(): Assignment
  /**
   * Records from these offsets on, of some partition or of several; of none when nothing came for a while. What an earlier
   * call asked for may come too, so `from` has to be compared. Rejects when the broker cannot be asked.
   */
  fetch(from: ReadonlyMap<number, bigint>): Promise<readonly (FetchedPartition | OutOfRange)[]>
  /** What each partition of the topic has now. */
  bounds(): Promise<ReadonlyMap<number, Bounds>>
  /** Tells the broker how far the group is, for the tools that show lag. */
  commit(next: ReadonlyMap<number, bigint>): Promise<void>
  /** Writes records to another topic, and resolves when the broker has them. */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>
  /** Leaves the group and closes what is open; resolves also when the broker cannot be reached. */
  close(): Promise<void>
}

/** Opens a member of a group. */
export type OpenLog = () => Promise<LogClient>
