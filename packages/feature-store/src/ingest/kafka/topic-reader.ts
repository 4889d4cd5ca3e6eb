import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from '@martlet/warehouse'
import type { Appended, ArrivedEvent, EventStore } from '../../online/events/event-store.ts'
import { deadLetter } from './dead-letter.ts'
import { groupOf, type KafkaOrigin } from './kafka-origin.ts'
import type { Assignment, Bounds, FetchedPartition, LogClient, LogRecord, OpenLog, OutOfRange } from './log-client.ts'
import { isMoved, originName, positionsOf, storedOffsets, topicEndsEarlier } from './positions.ts'
import { ReadingCounter, type KafkaReading } from './reading.ts'

/** Makes events of records; `arrived` is when they were read, microseconds since the epoch. */
export type EventsOfRecords = (records: readonly LogRecord[], arrived: bigint) => readonly ArrivedEvent[]

export interface TopicReaderOptions {
  readonly source: string
  readonly origin: KafkaOrigin
  readonly store: EventStore
  readonly open: OpenLog
  readonly events: EventsOfRecords
  /** How many events may wait for the warehouse before reading pauses. Default 1,000,000. */
  readonly mostWaiting?: number
  /** How long the first pause after a failure is; each further one is twice as long. Default 100 ms. */
  readonly firstDelayMs?: number
  /** What a failure says, without secrets. Default: the error's message. */
  readonly reasonOf?: (error: unknown) => string
  /** Called when something happens that a person may want to know: a re-balance, a failure, a pause. */
  readonly report?: (reading: KafkaReading) => void
  /** Microseconds since the epoch. */
  readonly clock?: () => bigint
}

const MOST_WAITING = 1_000_000
const COMMIT_EVERY_MS = 5000
const FIRST_DELAY_MS = 100
const NOTHING_TO_READ_MS = 50
const LONGEST_DELAY_MS = 10_000
/** A member that has failed for so long is replaced by a new one. */
const REPLACED_AFTER_MS = 30_000

/**
 * Reads a topic into the journal of a source, each record once. The offset of every partition is stored in the transaction
 * that appends its events, and that transaction fails where another reader has stored another offset meanwhile: neither a
 * crash nor a member that has not heard yet of a re-balance loses or doubles anything. The broker's own offsets are hints
 * for tools.
 */
export class TopicReader {
  readonly #options: TopicReaderOptions
  readonly #counter = new ReadingCounter()
  #positions = new Map<number, bigint>()
  #committed = new Map<number, bigint>()
  #committedAt = 0

  constructor(options: TopicReaderOptions) {
    this.#options = options
  }

  /** What is read now, and what has happened. */
  reading(): KafkaReading {
    const { source, origin } = this.#options
    return this.#counter.reading(source, origin.topic, groupOf(source, origin), this.#positions)
  }

  /**
   * Reads until the signal says stop. Whatever fails after the first connection is tried again, later and later.
   * @throws MartletError KAFKA_OPEN_FAILED, KAFKA_TOPIC_MISSING at the first connection, KAFKA_TOPIC_RECREATED at any time
   */
  async run(signal: AbortSignal): Promise<void> {
    await this.#run(signal, false)
  }

  /**
   * Reads what the topic has when the group has said what to read, and ends.
   * @throws MartletError as `run` does
   */
  async catchUp(signal: AbortSignal): Promise<void> {
    await this.#run(signal, true)
  }

  async #run(signal: AbortSignal, onlyWhatIsThere: boolean): Promise<void> {
    let connected = false
    const { firstDelayMs = FIRST_DELAY_MS } = this.#options
    let delay = firstDelayMs
    try {
      for (let ended = false; !ended && !signal.aborted;) {
        let client: LogClient | undefined
        try {
          client = await this.#options.open()
          await client.join()
          connected = true
          delay = firstDelayMs
          await this.#readAs(client, signal, onlyWhatIsThere)
          ended = onlyWhatIsThere
        } catch (error) {
          if (!connected || isFinal(error)) throw error
          this.#failed(error)
          this.#enter('connecting')
          await pause(delay, signal)
          delay = Math.min(delay * 2, LONGEST_DELAY_MS)
        } finally {
          await client?.close()
        }
      }
    } finally {
      this.#enter('stopped')
    }
  }

  /** Reads as one member of the group, until it is told to stop or the member is of no use any more. */
  async #readAs(client: LogClient, signal: AbortSignal, onlyWhatIsThere: boolean): Promise<void> {
    let assigned: Assignment | undefined
    let ends: ReadonlyMap<number, Bounds> | undefined
    let failingSince: number | undefined
    const { firstDelayMs = FIRST_DELAY_MS } = this.#options
    let delay = firstDelayMs
    while (!signal.aborted) {
      try {
        const assignment = client.assignment()
        if (assignment.lost !== undefined) throw new MemberLost(assignment.lost)
        if (assignment !== assigned) {
          await this.#take(client, assignment)
          assigned = assignment
          if (onlyWhatIsThere) ends ??= await client.bounds()
        }
        if (ends !== undefined && this.#hasReached(ends)) break
        await this.#waitForWarehouse(signal)
        if (this.#positions.size === 0) await pause(NOTHING_TO_READ_MS, signal)
        else await this.#step(client)
        failingSince = undefined
        delay = firstDelayMs
      } catch (error) {
        if (isFinal(error) || error instanceof MemberLost) throw error
        failingSince ??= Date.now()
        if (Date.now() - failingSince > REPLACED_AFTER_MS) throw error
        this.#failed(error)
        // What is stored now is what counts, whatever became of the last append.
        assigned = undefined
        await pause(delay, signal)
        delay = Math.min(delay * 2, LONGEST_DELAY_MS)
      }
    }
    await this.#commit(client)
  }

  /** Whether everything up to some ends has been read. */
  #hasReached(ends: ReadonlyMap<number, Bounds>): boolean {
    return [...this.#positions].every(([partition, next]) => next >= (ends.get(partition)?.end ?? 0n))
  }

  async #take(client: LogClient, { partitions }: Assignment): Promise<void> {
    const { store, source, origin } = this.#options
    const before = [...this.#positions.keys()].toSorted((a, b) => a - b).join()
    this.#positions = await positionsOf(store, source, origin, client, partitions)
    this.#enter('reading')
    if (before === partitions.join()) return
    this.#counter.rebalances++
    this.#report()
  }

  async #step(client: LogClient): Promise<void> {
    const fetched = await client.fetch(this.#positions)
    const current = fetched.filter(({ partition, from }) => this.#positions.get(partition) === from)
    const outOfRange = current.filter((part): part is OutOfRange => 'outOfRange' in part)
    if (outOfRange.length > 0) await this.#goInRange(client, outOfRange)
    const parts = current.filter((part): part is FetchedPartition => 'next' in part)
    for (const { partition, end } of parts) this.#counter.ended(partition, end)
    const moved = parts.filter(({ from, next }) => next > from)
    if (moved.length > 0) await this.#append(client, moved)
    if (Date.now() - this.#committedAt > COMMIT_EVERY_MS) await this.#commit(client)
  }

  async #append(client: LogClient, parts: readonly FetchedPartition[]): Promise<void> {
    const { clock = now } = this.#options
    const records = parts.flatMap((part) => part.records)
    const events = this.#options.events(records, clock())
    await this.#sendDeadLetters(client, records, events)
    const next = new Map(parts.map((part) => [part.partition, part.next]))
    const appended = await this.#store(events, parts, next)
    if (appended === undefined) return
    const repeated = new Set(appended.repeated)
    const rejected = events.filter((event, index) => event.rejected !== undefined && !repeated.has(index)).length
    this.#counter.records += records.length
    this.#counter.repeated += repeated.size
    this.#counter.rejected += rejected
    this.#counter.accepted += records.length - repeated.size - rejected
  }

  /** Appends events with the offsets behind them, unless another member did: then this one goes on from where that one is. */
  async #store(
    events: readonly ArrivedEvent[],
    parts: readonly { readonly partition: number; readonly from: bigint }[],
    next: ReadonlyMap<number, bigint>,
  ): Promise<Appended | undefined> {
    const { store, source, origin } = this.#options
    const stored = await store.offsets(source)
    // What is not stored yet was never read, by anybody.
    const read = parts.filter(({ partition }) => originName(origin.topic, partition) in stored)
    const after = storedOffsets(origin.topic, new Map(read.map(({ partition, from }) => [partition, from])))
    try {
      const appended = await store.append(source, events, { offsets: storedOffsets(origin.topic, next), after })
      for (const [partition, offset] of next) this.#positions.set(partition, offset)
      return appended
    } catch (error) {
      if (!isMoved(error)) throw error
    }
    this.#counter.fenced++
    for (const [name, offset] of Object.entries(await store.offsets(source))) {
      const partition = parts.find((part) => originName(origin.topic, part.partition) === name)?.partition
      if (partition !== undefined) this.#positions.set(partition, offset)
    }
    this.#report()
    return undefined
  }

  /** Before they are appended: a crash in between sends them again, and loses none. */
  async #sendDeadLetters(
    client: LogClient,
    records: readonly LogRecord[],
    events: readonly ArrivedEvent[],
  ): Promise<void> {
    const { source, origin } = this.#options
    if (origin.deadLetters === null) return
    const letters = records.flatMap((record, index) => {
      const reason = events[index]?.rejected
      return reason === undefined ? [] : [deadLetter(source, origin.topic, record, reason)]
    })
    if (letters.length === 0) return
    await client.send(origin.deadLetters, letters)
    this.#counter.deadLetters += letters.length
  }

  /** The topic no longer has what comes next, or never had it. */
  async #goInRange(client: LogClient, parts: readonly OutOfRange[]): Promise<void> {
    const { source, origin } = this.#options
    const bounds = await client.bounds()
    const to = new Map<number, bigint>()
    for (const { partition, from } of parts) {
      const { first, end } = bounds.get(partition) ?? { first: 0n, end: 0n }
      if (from > end && origin.recreated === 'stop') throw topicEndsEarlier(source, origin.topic, partition, from, end)
      if (from < first) this.#counter.lost += first - from
      to.set(partition, first)
    }
    await this.#store([], parts, to)
    this.#report()
  }

  /** Reading pauses while the warehouse is far behind: the group keeps its members, and the topic its records. */
  async #waitForWarehouse(signal: AbortSignal): Promise<void> {
    const { store, source, mostWaiting = MOST_WAITING } = this.#options
    while (!signal.aborted) {
      const [oldest] = await store.read(source, 0n, 1)
      const waiting = oldest === undefined ? 0n : (await store.newest(source)) - oldest.position + 1n
      if (waiting < BigInt(mostWaiting)) return this.#enter('reading')
      this.#enter('paused')
      await pause(200, signal)
    }
  }

  async #commit(client: LogClient): Promise<void> {
    this.#committedAt = Date.now()
    const changed = new Map([...this.#positions].filter(([partition, next]) => this.#committed.get(partition) !== next))
    if (changed.size === 0) return
    try {
      await client.commit(changed)
      for (const [partition, next] of changed) this.#committed.set(partition, next)
    } catch (error) {
      // Only tools read it, so it can wait for the next time.
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    const { reasonOf = messageOf } = this.#options
    this.#counter.failures++
    this.#counter.lastFailure = reasonOf(error)
    this.#report()
  }

  #enter(state: KafkaReading['state']): void {
    if (this.#counter.state === state) return
    this.#counter.state = state
    this.#report()
  }

  #report(): void {
    this.#options.report?.(this.reading())
  }
}

class MemberLost extends Error {}

/** What trying again cannot mend. */
function isFinal(error: unknown): boolean {
  return error instanceof MartletError && error.code === 'KAFKA_TOPIC_RECREATED'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function now(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
