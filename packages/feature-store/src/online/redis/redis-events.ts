import type { EventStore, JournalEvent } from '../events/event-store.ts'
import { checkEvents } from '../events/check-events.ts'
import { offsetsMoved } from '../events/check-offsets.ts'
import { foldParts } from '../events/fold-parts.ts'
import { decodeJournalEvent, encodeJournalEvent } from '../events/journal-codec.ts'
import { READ_BYTES } from '../events/remember.ts'
import { checkKey, checkTable } from '../limits.ts'
import type { RedisArgument } from './connection.ts'
import { eventLayout, partBody, partBytes, readPart, timeDigits, timeOf } from './event-layout.ts'
import { APPEND, CHECKPOINT, DROP, FOLD, REMOVE, runScript } from './event-scripts.ts'
import { failed } from './failure.ts'
import type { RedisServer } from './redis-server.ts'

export interface RedisEventsOptions {
  readonly prefix: string
  /** How long an id is known, µs. */
  readonly rememberFor: bigint
  /** Throws when the store is closed. */
  readonly check: () => void
  readonly track: <T>(work: Promise<T>) => Promise<T>
}

/** Keys of one step; the server answers others in between. */
const STEP = 256
/** Journal entries of one step. */
const ENTRIES = 1000

/** Events on a Redis or Valkey server: an append is one script, which the server runs wholly or not at all. */
export function redisEvents(server: RedisServer, options: RedisEventsOptions): EventStore {
  const { prefix, rememberFor, check, track } = options
  const keys = eventLayout(prefix)
  const expiry = String(rememberFor / 1000n + 1n)
  const attempt = async <T>(
    code: 'ONLINE_READ_FAILED' | 'ONLINE_WRITE_FAILED',
    doing: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    check()
    return track(
      work().catch((cause: unknown) => {
        throw failed(code, server.label, doing, cause)
      }),
    )
  }
  const reading = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    attempt('ONLINE_READ_FAILED', `reading ${what} of`, work)
  const writing = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    attempt('ONLINE_WRITE_FAILED', `${what} of`, work)

  async function* tailKeys(table: string): AsyncGenerator<readonly Buffer[], void, undefined> {
    let cursor = '0'
    do {
      const reply = await server.send(['SSCAN', keys.keys(table), cursor, 'COUNT', String(STEP)])
      const [next, found] = listOf(reply)
      cursor = textOf(next)
      yield listOf(found).map(bufferOf)
    } while (cursor !== '0')
  }
  const partsOf = async (table: string, key: Uint8Array): Promise<readonly Buffer[]> =>
    listOf(await server.send(['LRANGE', keys.tail(table, key), '0', '-1'])).map(bufferOf)

  return {
    async append(source, events, { offsets = {}, after } = {}) {
      check()
      checkEvents(source, events)
      const names: RedisArgument[] = [
        keys.position(source),
        keys.border(source),
        keys.newestTime(source),
        keys.offsets(source),
        keys.journal(source),
      ]
      const moves = Object.entries(offsets)
      const args: RedisArgument[] = [String(rememberFor), expiry, String(events.length), String(moves.length)]
      for (const [origin, offset] of moves)
        args.push(origin, String(offset), after === undefined ? '*' : String(after[origin] ?? ''))
      for (const event of events) {
        names.push(keys.id(source, event.id))
        args.push(String(event.arrived), encodeJournalEvent(event), String(event.tails.length))
        for (const { table, key, time, value } of event.tails) {
          names.push(keys.tail(table, key), keys.keys(table))
          args.push(Buffer.from(key), timeDigits(time), partBody(time, 'event', value))
        }
      }
      const [answer, ...rest] = await writing(`appending to source ${source}`, async () =>
        listOf(await runScript(server, APPEND, names, args)),
      )
      const position = textOf(answer)
      if (position !== 'moved') return { position: BigInt(position), repeated: rest.map(Number) }
      const origin = textOf(rest[0])
      const stored = textOf(rest[1])
      throw offsetsMoved(source, origin, after?.[origin], stored === '' ? undefined : BigInt(stored))
    },
    offsets: (source) =>
      reading(`offsets of source ${source}`, async () => {
        const flat = entriesOf(await server.send(['HGETALL', keys.offsets(source)]))
        return Object.fromEntries(flat.map(([origin, offset]) => [origin, BigInt(offset)]))
      }),
    read: (source, after, limit) =>
      reading(`source ${source}`, async () => {
        const found: JournalEvent[] = []
        let bytes = 0
        let from = after
        while (found.length < limit && bytes < READ_BYTES) {
          const count = Math.min(limit - found.length, ENTRIES)
          const range = ['XRANGE', keys.journal(source), `${from + 1n}-0`, '+', 'COUNT', String(count)]
          const entries = listOf(await server.send(range))
          for (const entry of entries) {
            const [id, fields] = listOf(entry)
            const position = BigInt(textOf(id).split('-')[0] ?? '')
            const body = bufferOf(listOf(fields)[1])
            found.push(decodeJournalEvent(position, body))
            bytes += body.length
            from = position
          }
          if (entries.length < count) break
        }
        return found
      }),
    newest: (source) =>
      reading(`source ${source}`, async () => {
        const stored = await server.send(['GET', keys.position(source)])
        return stored === null ? 0n : BigInt(textOf(stored))
      }),
    newestTime: (source) =>
      reading(`source ${source}`, async () => {
        const stored = await server.send(['GET', keys.newestTime(source)])
        return stored === null ? undefined : timeOf(textOf(stored))
      }),
    trim: (source, upTo) =>
      writing(`trimming source ${source}`, async () => {
        await server.send(['XTRIM', keys.journal(source), 'MINID', `${upTo + 1n}-0`])
      }),
    checkpoint: (source) =>
      writing(`a checkpoint of source ${source}`, async () => {
        const names = [keys.position(source), keys.border(source)]
        return BigInt(textOf(await runScript(server, CHECKPOINT, names, [])))
      }),
    async tails(reads) {
      for (const { table, keys: asked } of reads) for (const key of asked) checkKey(table, key)
      return reading('tails', async () =>
        Promise.all(
          reads.map(({ table, keys: asked }) =>
            Promise.all(
              asked.map(async (key) =>
                (await partsOf(table, key)).map((bytes) => {
                  const { border: _, ...part } = readPart(bytes)
                  return part
                }),
              ),
            ),
          ),
        ),
      )
    },
    fold: (table, limit, fold) =>
      writing(`folding tails of table ${table}`, async () => {
        let folded = 0
        for await (const batch of tailKeys(table)) {
          const lengths = await Promise.all(batch.map((key) => server.send(['LLEN', keys.tail(table, key)])))
          for (const key of batch.filter((_, at) => Number(lengths[at]) > limit)) {
            const stored = await partsOf(table, key)
            const parts = stored.map(readPart)
            const groups = foldParts(table, key, parts, fold)
            if (groups.length === 0) continue
            const gone = new Set(groups.flatMap(({ removed }) => removed))
            const left = [...parts.filter((part) => !gone.has(part)), ...groups.map((group) => group.folded)]
            const inOrder = left.toSorted((a, b) => Number(a.position - b.position)).map(partBytes)
            const [first, last] = [stored[0], stored.at(-1)]
            if (first === undefined || last === undefined) continue
            const done = await runScript(
              server,
              FOLD,
              [keys.tail(table, key)],
              [String(stored.length), first, last, ...inOrder],
            )
            if (done === 1) folded += groups.reduce((sum, { events }) => sum + events, 0)
          }
        }
        return folded
      }),
    dropTails: (table, upTo) =>
      writing(`dropping tails of table ${table}`, async () => {
        const halves = [String(upTo >> 32n), String(upTo & 0xffff_ffffn)]
        for await (const batch of tailKeys(table))
          if (batch.length > 0)
            await runScript(
              server,
              DROP,
              [keys.keys(table), ...batch.map((key) => keys.tail(table, key))],
              [...halves, ...batch],
            )
      }),
    async removeTails(table, gone) {
      check()
      checkTable(table)
      const all = Array.from(gone, (key) => Buffer.from(key))
      return writing(`removing tails of table ${table}`, async () => {
        let removed = 0
        for (let from = 0; from < all.length; from += STEP) {
          const batch = all.slice(from, from + STEP)
          const names = [keys.keys(table), ...batch.map((key) => keys.tail(table, key))]
          removed += Number(await runScript(server, REMOVE, names, batch))
        }
        return removed
      })
    },
  }
}

function listOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new Error('the server answered with something else than a list')
  return reply
}

function bufferOf(reply: unknown): Buffer {
  if (!Buffer.isBuffer(reply)) throw new Error('the server answered with something else than bytes')
  return reply
}

function textOf(reply: unknown): string {
  return Buffer.isBuffer(reply) ? reply.toString() : String(reply)
}

/** Pairs, whether the client answers a map or a flat list. */
function entriesOf(reply: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(reply)) {
    const flat: readonly unknown[] = reply
    return flat.flatMap((name, at) => (at % 2 === 0 ? [[textOf(name), textOf(flat[at + 1])] as const] : []))
  }
  if (reply instanceof Map) return [...reply].map(([name, value]) => [textOf(name), textOf(value)] as const)
  return Object.entries(reply ?? {}).map(([name, value]) => [name, textOf(value)] as const)
}
