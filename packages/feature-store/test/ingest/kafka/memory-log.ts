import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Assignment,
  Bounds,
  FetchedPartition,
  LogClient,
  LogRecord,
  OutgoingRecord,
  OutOfRange,
} from '../../../src/ingest/kafka/log-client.ts'

type NewRecord = Pick<LogRecord, 'value'> & Partial<Pick<LogRecord, 'key' | 'headers'>>

interface Partition {
  first: bigint
  records: LogRecord[]
}

/** A topic with partitions and one group in this process's memory: another log than Kafka, with the same promises. */
export class MemoryLog {
  #partitions: Partition[]
  readonly #members: MemoryMember[] = []
  readonly committed = new Map<number, bigint>()
  readonly sent = new Map<string, OutgoingRecord[]>()
  /** While true, nothing can be asked of it. */
  down = false
  /** Most records of one partition in one answer. */
  readonly most: number

  constructor(partitions: number, most = 100) {
    this.#partitions = Array.from({ length: partitions }, () => ({ first: 0n, records: [] }))
    this.most = most
  }

  write(partition: number, ...records: readonly NewRecord[]): void {
    const { first, records: kept } = this.#at(partition)
    for (const { key = null, value, headers = [] } of records)
      kept.push({ partition, offset: first + BigInt(kept.length), key, value, headers })
  }

  /** Removes what is older, as retention does. */
  dropBefore(partition: number, offset: bigint): void {
    const at = this.#at(partition)
    at.records = at.records.filter((record) => record.offset >= offset)
    at.first = offset
  }

  addPartition(): void {
    this.#partitions.push({ first: 0n, records: [] })
    this.#share()
  }

  /** Deletes the topic and creates it again. */
  recreate(): void {
    this.#partitions = this.#partitions.map(() => ({ first: 0n, records: [] }))
  }

  open = async (): Promise<MemoryMember> => new MemoryMember(this)

  bounds(): Map<number, Bounds> {
    return new Map(
      this.#partitions.map(({ first, records }, index) => [index, { first, end: first + BigInt(records.length) }]),
    )
  }

  read(partition: number, from: bigint): FetchedPartition | OutOfRange {
    const { first, records } = this.#at(partition)
    const end = first + BigInt(records.length)
    if (from < first || from > end) return { partition, from, outOfRange: true }
    const found = records.slice(Number(from - first), Number(from - first) + this.most)
    return { partition, from, records: found, next: from + BigInt(found.length), end }
  }

  join(member: MemoryMember): void {
    this.#members.push(member)
    this.#share()
  }

  leave(member: MemoryMember): void {
    const at = this.#members.indexOf(member)
    if (at < 0) return
    this.#members.splice(at, 1)
    this.#share()
  }

  #share(): void {
    for (const [index, member] of this.#members.entries()) {
      const partitions = [...this.#partitions.keys()].filter((each) => each % this.#members.length === index)
      member.give({ partitions })
    }
  }

  #at(partition: number): Partition {
    const found = this.#partitions[partition]
    if (found === undefined) throw new Error(`There is no partition ${partition}.`)
    return found
  }
}

export class MemoryMember implements LogClient {
  readonly #log: MemoryLog
  #given: Assignment = { partitions: [] }
  /** A member that does not hear of re-balances goes on with what it had. */
  deaf = false

  constructor(log: MemoryLog) {
    this.#log = log
  }

  give(assignment: Assignment): void {
    if (!this.deaf) this.#given = assignment
  }

  async join(): Promise<void> {
    this.#ask()
    this.#log.join(this)
  }

  assignment(): Assignment {
    return this.#given
  }

  async fetch(from: ReadonlyMap<number, bigint>): Promise<readonly (FetchedPartition | OutOfRange)[]> {
    this.#ask()
    const found = [...from].map(([partition, offset]) => this.#log.read(partition, offset))
    const isEmpty = found.every((part) => 'next' in part && part.next === part.from)
    await sleep(isEmpty ? 2 : 0)
    return found
  }

  async bounds(): Promise<ReadonlyMap<number, Bounds>> {
    this.#ask()
    return this.#log.bounds()
  }

  async commit(next: ReadonlyMap<number, bigint>): Promise<void> {
    this.#ask()
    for (const [partition, offset] of next) this.#log.committed.set(partition, offset)
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.#ask()
    this.#log.sent.set(topic, [...(this.#log.sent.get(topic) ?? []), ...records])
  }

  async close(): Promise<void> {
    this.#log.leave(this)
  }

  #ask(): void {
    if (this.#log.down) throw new Error('the brokers cannot be reached')
  }
}
