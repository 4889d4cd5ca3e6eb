import { MartletError } from '@martlet/warehouse'
import { checkTable } from '../limits.ts'
import type { OnlineStore } from '../online-store.ts'
import { workUnderWay } from '../work-under-way.ts'
import { REMEMBER_FOR } from '../events/remember.ts'
import { clientLabel, connect, openFailed, type OwnConnection, type RedisConnection } from './connection.ts'
import { layout } from './layout.ts'
import { readTables } from './read-tables.ts'
import { removeRows } from './remove-rows.ts'
import { parseRedisUrl } from './redis-url.ts'
import { redisEvents } from './redis-events.ts'
import { redisServer } from './redis-server.ts'
import { clearTable, countRows, listKeys } from './scan-table.ts'
import { writeTable } from './write-table.ts'

export interface RedisStoreSettings {
  /** In front of every key, so that stores can share a server. @default 'martlet:' */
  readonly prefix?: string
  /** How long one answer of the server may take, milliseconds. @default 2000 */
  readonly timeoutMs?: number
  /**
   * How much longer than its view's ttl a row stays, microseconds. Until then it answers OUTSIDE_MAX_AGE, afterwards
   * NOT_FOUND.
   * @default 0n
   */
  readonly keepLonger?: bigint
  /**
   * How long the id of an event is known, milliseconds, so that the event is not taken again.
   * @default 604800000: seven days
   */
  readonly rememberEventsFor?: number
}

/**
 * `url`: the store makes and closes a connection of its own. `client`: yours, connected (node-redis), and yours to
 * close.
 */
export type RedisStoreOptions = RedisStoreSettings & ({ readonly url: string } | { readonly client: RedisConnection })

/**
 * Opens an online store on a Redis or Valkey server: for any number of processes on any number of machines.
 * Rejects with `ONLINE_STORE_OPEN_FAILED`, `BAD_ONLINE_URL` or `ONLINE_CLIENT_MISSING`; no message repeats a password.
 *
 * @example
 * const store = await redisStore({ url: 'redis://localhost:6379' })
 */
export async function redisStore(options: RedisStoreOptions): Promise<OnlineStore> {
  const { prefix = 'martlet:', timeoutMs = 2000, keepLonger = 0n, rememberEventsFor } = options
  const keys = layout(prefix)
  const address = 'url' in options ? parseRedisUrl(options.url) : undefined
  const label = address?.label ?? clientLabel(passed(options))
  const own: OwnConnection | undefined = address === undefined ? undefined : await connect(address, timeoutMs)
  const server = redisServer(own ?? passed(options), label, timeoutMs)
  try {
    await server.send(['PING'])
  } catch (cause) {
    own?.destroy()
    throw openFailed(label, cause)
  }

  const generations = new Map<string, string>()
  const shared = { server, keys, generations }
  const work = workUnderWay()
  let closed = false
  const checkOpen = (): void => {
    if (closed) throw new MartletError('ONLINE_STORE_CLOSED', `The online store ${label} is closed. Open it again.`)
  }
  const check = (table: string): void => {
    checkOpen()
    checkTable(table)
  }

  const store: OnlineStore = {
    kind: 'redis',
    events: redisEvents(server, {
      prefix,
      rememberFor: rememberEventsFor === undefined ? REMEMBER_FOR : BigInt(rememberEventsFor) * 1000n,
      check: checkOpen,
      track: work.track,
    }),
    async read(reads) {
      for (const { table } of reads) check(table)
      return work.track(readTables(shared, reads))
    },
    async write(table, rows, { keepFor } = {}) {
      check(table)
      return work.track(writeTable(shared, table, rows, keepFor === undefined ? undefined : keepFor + keepLonger))
    },
    async remove(table, gone) {
      check(table)
      return work.track(removeRows(shared, table, gone))
    },
    async *keys(table) {
      check(table)
      yield* listKeys(shared, table)
    },
    async clear(table) {
      check(table)
      await work.track(clearTable(shared, table))
    },
    async count(table) {
      check(table)
      return work.track(countRows(shared, table))
    },
    async close() {
      if (closed) return
      closed = true
      await work.ended()
      own?.destroy()
    },
    async [Symbol.asyncDispose]() {
      await store.close()
    },
  }
  return store
}

function passed(options: RedisStoreOptions): RedisConnection {
  if ('client' in options) return options.client
  throw new MartletError('BAD_ONLINE_URL', 'redisStore needs a url or a client.')
}
