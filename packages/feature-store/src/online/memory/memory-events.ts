import { MartletError } from '@martlet/warehouse'
import { checkEvents } from '../events/check-events.ts'
import { checkOffsets } from '../events/check-offsets.ts'
import type { EventStore, JournalEvent } from '../events/event-store.ts'
import { foldParts, type BorderedPart } from '../events/fold-parts.ts'
import { READ_BYTES, REMEMBER_FOR } from '../events/remember.ts'

interface Journal {
  position: bigint
  border: bigint
  newestTime: bigint | undefined
  /** Those that are not trimmed, without gaps. */
  readonly events: JournalEvent[]
  /** When each id came, the oldest first. */
  readonly ids: Map<string, bigint>
  readonly offsets: Map<string, bigint>
}

/**
 * Events in this process's memory. Every method does its work before it gives the control back, so each is one transaction.
 *
 * @param isClosed whether the store has been closed
 */
export function memoryEvents(isClosed: () => boolean, rememberFor: bigint = REMEMBER_FOR): EventStore {
  const journals = new Map<string, Journal>()
  const tables = new Map<string, Map<string, BorderedPart[]>>()
  const journal = (source: string): Journal => {
    if (isClosed())
      throw new MartletError('ONLINE_STORE_CLOSED', 'The memory online store is closed. Open another one.')
    const known = journals.get(source)
    if (known !== undefined) return known
    const made = { position: 0n, border: 0n, newestTime: undefined, events: [], ids: new Map(), offsets: new Map() }
    journals.set(source, made)
    return made
  }
  const tails = (table: string): Map<string, BorderedPart[]> => {
    const known = tables.get(table)
    if (known !== undefined) return known
    const made = new Map<string, BorderedPart[]>()
    tables.set(table, made)
    return made
  }
  return {
    async append(source, events, options = {}) {
      checkEvents(source, events)
      const kept = journal(source)
      checkOffsets(source, options, (origin) => kept.offsets.get(origin))
      const repeated: number[] = []
      for (const [index, { tails: writes, ...event }] of events.entries()) {
        const id = text(event.id)
        const before = kept.ids.get(id)
        if (before !== undefined && event.arrived - before <= rememberFor) {
          repeated.push(index)
          continue
        }
        kept.ids.delete(id)
        kept.ids.set(id, event.arrived)
        const position = ++kept.position
        kept.events.push({ ...event, id: Buffer.from(event.id), body: Buffer.from(event.body), position })
        for (const { table, key, time, value } of writes) {
          const part = { position, time, kind: 'event', value: new Uint8Array(value), border: kept.border } as const
          const name = text(key)
          const parts = tails(table).get(name)
          if (parts === undefined) tails(table).set(name, [part])
          else parts.push(part)
          if (kept.newestTime === undefined || time > kept.newestTime) kept.newestTime = time
        }
        for (const [old, arrived] of kept.ids) {
          if (event.arrived - arrived <= rememberFor) break
          kept.ids.delete(old)
        }
      }
      for (const [origin, offset] of Object.entries(options.offsets ?? {})) kept.offsets.set(origin, offset)
      return { position: kept.position, repeated }
    },
    async offsets(source) {
      return Object.fromEntries(journal(source).offsets)
    },
    async read(source, after, limit) {
      const { events } = journal(source)
      const start = Math.max(0, Number(after - (events[0]?.position ?? 1n) + 1n))
      const found: JournalEvent[] = []
      let bytes = 0
      for (let at = start; at < events.length && found.length < limit && bytes < READ_BYTES; at++) {
        const event = events[at]
        if (event === undefined) break
        found.push(event)
        bytes += event.body.length
      }
      return found
    },
    newest: (source) => journal(source).position,
    newestTime: (source) => journal(source).newestTime,
    async trim(source, upTo) {
      const { events } = journal(source)
      const first = events[0]?.position
      if (first !== undefined && upTo >= first) events.splice(0, Number(upTo - first + 1n))
    },
    async checkpoint(source) {
      const kept = journal(source)
      kept.border = kept.position
      return kept.position
    },
    tails(reads) {
      if (isClosed()) journal('')
      return reads.map(({ table, keys }) =>
        keys.map((key) => (tables.get(table)?.get(text(key)) ?? []).map(({ border: _, ...part }) => part)),
      )
    },
    async fold(table, limit, fold) {
      let folded = 0
      for (const [name, parts] of tables.get(table) ?? []) {
        if (parts.length <= limit) continue
        const groups = foldParts(table, Buffer.from(name, 'latin1'), parts, fold)
        const gone = new Set(groups.flatMap(({ removed }) => removed))
        const left = [...parts.filter((part) => !gone.has(part)), ...groups.map((group) => group.folded)]
        tails(table).set(
          name,
          left.toSorted((a, b) => Number(a.position - b.position)),
        )
        folded += groups.reduce((sum, { events }) => sum + events, 0)
      }
      return folded
    },
    async dropTails(table, upTo) {
      const kept = tables.get(table)
      for (const [name, parts] of kept ?? []) {
        const left = parts.filter(({ position }) => position > upTo)
        if (left.length === 0) kept?.delete(name)
        else kept?.set(name, left)
      }
    },
    async removeTails(table, keys) {
      let removed = 0
      for (const key of keys) if (tables.get(table)?.delete(text(key)) === true) removed++
      return removed
    },
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
