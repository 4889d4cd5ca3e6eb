import { MartletError } from '@martlet/warehouse'
import { checkEvents } from '../events/check-events.ts'
import { checkOffsets } from '../events/check-offsets.ts'
import type {
  Appended,
  AppendOptions,
  ArrivedEvent,
  EventStore,
  JournalEvent,
  TailPart,
} from '../events/event-store.ts'
import { foldParts } from '../events/fold-parts.ts'
import { decodeJournalEvent, encodeJournalEvent } from '../events/journal-codec.ts'
import { READ_BYTES, REMEMBER_FOR, SWEPT_IDS } from '../events/remember.ts'
import type { WorkUnderWay } from '../work-under-way.ts'
import {
  behind,
  decodePart,
  encodePart,
  entityKey,
  idKey,
  journalKey,
  journalPosition,
  partKey,
  partPosition,
  sourcePrefix,
  tablePrefix,
  tailPrefix,
} from './event-keys.ts'
import {
  openEventTables,
  readState,
  writeState,
  type EventTables,
  type SourceState,
  type Table,
} from './event-tables.ts'

/** One transaction removes or folds at most so many, so that a push need not wait long for its turn. */
const KEYS_A_TRANSACTION = 4096

/** Events in a folder of LMDB beside the rows, and what closes it. */
export interface LmdbEvents {
  readonly store: EventStore
  close(): Promise<void>
}

/**
 * The events of an LMDB store; the folder is made when it is first asked for.
 *
 * @param rememberFor how long ids are known, milliseconds
 */
export function lmdbEvents(path: string, work: WorkUnderWay, rememberFor?: number): LmdbEvents {
  const remembered = rememberFor === undefined ? REMEMBER_FOR : BigInt(Math.round(rememberFor * 1000))
  let tables: EventTables | undefined
  let closed = false

  const opened = (): EventTables => {
    if (closed) throw new MartletError('ONLINE_STORE_CLOSED', `The online store ${path} is closed. Open it again.`)
    return (tables ??= openEventTables(path))
  }
  /** Runs in one write transaction, which is on disk when the promise resolves. */
  const transaction = async <T>(change: (tables: EventTables) => T): Promise<T> => {
    const all = opened()
    try {
      return await work.track(all.root.transaction(() => change(all)))
    } catch (cause) {
      if (cause instanceof MartletError) throw cause
      const message = `Writing events to the online store ${path} failed. Is the disk full?`
      throw new MartletError('ONLINE_WRITE_FAILED', message, { data: { path }, cause })
    }
  }
  /** What other processes have made durable by now is seen, not only what they had at the beginning of this turn. */
  const current = (): EventTables => {
    const all = opened()
    all.root.resetReadTxn()
    return all
  }
  const stateOf = (source: string): SourceState => readState(current().state, sourcePrefix(source))

  const store: EventStore = {
    async append(source, events, options = {}) {
      checkEvents(source, events)
      return transaction((all) => appendEvents(all, source, events, options, remembered))
    },
    async offsets(source) {
      const prefix = originPrefix(source)
      return Object.fromEntries(
        [...current().state.getRange({ start: prefix, end: behind(prefix) })].map(({ key, value }) => [
          Buffer.from(key).toString('utf8', prefix.length),
          Buffer.from(value).readBigInt64BE(0),
        ]),
      )
    },
    async read(source, after, limit) {
      const prefix = sourcePrefix(source)
      const found: JournalEvent[] = []
      let bytes = 0
      const range = current().journal.getRange({ start: journalKey(prefix, after + 1n), end: behind(prefix), limit })
      for (const { key, value } of range) {
        // A copy, since the range's buffers may be used again.
        found.push(decodeJournalEvent(journalPosition(key), Buffer.from(value)))
        bytes += value.length
        if (bytes >= READ_BYTES) break
      }
      return found
    },
    newest: (source) => stateOf(source).position,
    newestTime: (source) => stateOf(source).newestTime,
    async trim(source, upTo) {
      const prefix = sourcePrefix(source)
      const end = journalKey(prefix, upTo + 1n)
      await removeRange(
        transaction,
        ({ journal }) => journal,
        prefix,
        end,
        () => true,
      )
    },
    async checkpoint(source) {
      const key = sourcePrefix(source)
      return transaction(({ state }) => {
        const found = readState(state, key)
        writeState(state, key, { ...found, border: found.position })
        return found.position
      })
    },
    tails(reads) {
      const { tails } = current()
      return reads.map(({ table, keys }) => {
        const view = tablePrefix(table)
        return keys.map((key) => partsOf(tails, tailPrefix(view, key)).map(({ part }) => part))
      })
    },
    async fold(table, limit, fold) {
      const view = tablePrefix(table)
      let folded = 0
      for await (const keys of longTails(current, view, limit)) {
        for (const key of keys) {
          folded += await transaction(({ tails }) => {
            const prefix = tailPrefix(view, key)
            const parts = partsOf(tails, prefix).map(({ at, part, border }) => ({ ...part, border, at }))
            let events = 0
            for (const group of foldParts(table, key, parts, fold)) {
              for (const { at } of group.removed) void tails.remove(at)
              void tails.put(partKey(prefix, group.folded.position, 0), encodePart(group.folded))
              events += group.events
            }
            return events
          })
        }
      }
      return folded
    },
    async dropTails(table, upTo) {
      const view = tablePrefix(table)
      await removeRange(
        transaction,
        ({ tails }) => tails,
        view,
        behind(view),
        (key) => partPosition(key) <= upTo,
      )
    },
    async removeTails(table, keys) {
      const view = tablePrefix(table)
      let removed = 0
      for (const key of keys) {
        const prefix = tailPrefix(view, key)
        removed += await transaction(({ tails }) => {
          const found = [...tails.getKeys({ start: prefix, end: behind(prefix) })]
          for (const part of found) void tails.remove(part)
          return Math.min(found.length, 1)
        })
      }
      return removed
    },
  }
  return {
    store,
    async close() {
      closed = true
      await tables?.root.close()
    },
  }
}

/** Of a source's origins; no source's own state has such a key. */
function originPrefix(source: string): Buffer {
  return originKey(source, '')
}

function originKey(source: string, origin: string): Buffer {
  return Buffer.from(`${source}\0\0${origin}`)
}

function appendEvents(
  { journal, ids, tails, state }: EventTables,
  source: string,
  events: readonly ArrivedEvent[],
  options: AppendOptions,
  rememberFor: bigint,
): Appended {
  const prefix = sourcePrefix(source)
  checkOffsets(source, options, (origin) => state.getBinary(originKey(source, origin))?.readBigInt64BE(0))
  const found = readState(state, prefix)
  const repeated: number[] = []
  for (const [index, event] of events.entries()) {
    const id = idKey(prefix, event.id)
    const before = ids.getBinary(id)
    if (before !== undefined && event.arrived - before.readBigInt64BE(0) <= rememberFor) {
      repeated.push(index)
      continue
    }
    void ids.put(id, instant(event.arrived))
    found.position++
    void journal.put(journalKey(prefix, found.position), encodeJournalEvent(event))
    for (const [number, { table, key, time, value }] of event.tails.entries()) {
      const at = partKey(tailPrefix(tablePrefix(table), key), found.position, number)
      void tails.put(at, encodePart({ time, kind: 'event', value, border: found.border }))
      if (found.newestTime === undefined || time > found.newestTime) found.newestTime = time
    }
  }
  for (const [origin, offset] of Object.entries(options.offsets ?? {}))
    void state.put(originKey(source, origin), instant(offset))
  const newest = events.at(-1)
  const taken = events.length - repeated.length
  if (newest !== undefined && taken > 0) {
    found.swept = forget(ids, prefix, found.swept, newest.arrived - rememberFor, taken * SWEPT_IDS)
    writeState(state, prefix, found)
  }
  return { position: found.position, repeated }
}

/** Forgets ids that came before an instant, of the next few; returns the last one looked at. */
function forget(ids: Table, prefix: Buffer, swept: Uint8Array, before: bigint, looks: number): Uint8Array {
  const start = swept.length === 0 ? prefix : swept
  let last: Uint8Array = new Uint8Array(0)
  let looked = 0
  const old: Uint8Array[] = []
  for (const { key, value } of ids.getRange({ start, end: behind(prefix), limit: looks })) {
    last = key
    looked++
    if (Buffer.from(value).readBigInt64BE(0) < before) old.push(key)
  }
  for (const key of old) void ids.remove(key)
  // At the end, the next look begins at the first again.
  return looked < looks ? new Uint8Array(0) : last
}

function instant(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

interface StoredPart {
  readonly at: Uint8Array
  readonly part: TailPart
  readonly border: bigint
}

function partsOf(tails: Table, prefix: Buffer): readonly StoredPart[] {
  return [...tails.getRange({ start: prefix, end: behind(prefix) })].map(({ key, value }) => {
    const { border, ...part } = decodePart(partPosition(key), Buffer.from(value))
    return { at: key, part, border }
  })
}

/** The keys of a view with more than `limit` parts, in batches. */
async function* longTails(
  current: () => EventTables,
  view: Buffer,
  limit: number,
): AsyncGenerator<readonly Uint8Array[]> {
  let start: Uint8Array = view
  let entity: Uint8Array | undefined
  let parts = 0
  for (let exclusiveStart = false; ; exclusiveStart = true) {
    const batch = [...current().tails.getKeys({ start, end: behind(view), exclusiveStart, limit: KEYS_A_TRANSACTION })]
    const long: Uint8Array[] = []
    for (const part of batch) {
      const key = entityKey(view, part)
      if (entity === undefined || Buffer.compare(entity, key) !== 0) [entity, parts] = [key, 0]
      if (++parts === limit + 1) long.push(key)
    }
    if (long.length > 0) yield long
    const last = batch.at(-1)
    if (last === undefined || batch.length < KEYS_A_TRANSACTION) return
    start = last
  }
}

/** Removes the keys of a range that a condition chooses, some in each transaction. */
async function removeRange(
  transaction: <T>(change: (tables: EventTables) => T) => Promise<T>,
  table: (tables: EventTables) => Table,
  from: Buffer,
  end: Buffer,
  isChosen: (key: Uint8Array) => boolean,
): Promise<void> {
  let start: Uint8Array = from
  for (let last: Uint8Array | undefined = start; last !== undefined; start = last ?? start) {
    last = await transaction((all) => {
      const keys = [...table(all).getKeys({ start, end, limit: KEYS_A_TRANSACTION })]
      for (const key of keys) if (isChosen(key)) void table(all).remove(key)
      return keys.length < KEYS_A_TRANSACTION ? undefined : keys.at(-1)
    })
  }
}
