import { MartletError } from '@martlet/warehouse'
import type * as Client from '@redis/client'
import { reasonOf } from './failure.ts'
import type { RedisAddress } from './redis-url.ts'

export type RedisArgument = string | Buffer

/** What the store asks of a client: a connection of `redis` or `@redis/client` (node-redis) is one. */
export interface RedisConnection {
  /**
   * Sends one command without waiting for earlier replies; rejects with an Error whose message is the server's error
   * reply.
   */
  sendCommand(
    args: readonly RedisArgument[],
    options?: { readonly typeMapping?: { readonly 36?: typeof Buffer } },
  ): Promise<unknown>
}

/** A connection that the store made, and so closes. */
export interface OwnConnection extends RedisConnection {
  close(): Promise<void>
  destroy(): void
}

/**
 * Loads the client and connects. The first attempt decides; once connected, a lost connection is made again until
 * `close`, and commands are refused meanwhile instead of piling up.
 */
export async function connect(address: RedisAddress, timeoutMs: number): Promise<OwnConnection> {
  const { createClient } = await loadClient()
  let connected = false
  const { host, port, tls, username, password, database } = address
  const reconnectStrategy = (retries: number, cause: Error): number | Error =>
    connected ? Math.min(50 * 2 ** Math.min(retries, 5), 1000) : cause
  const common = { host, port, connectTimeout: timeoutMs, reconnectStrategy }
  const client = createClient({
    socket: tls ? { ...common, tls } : common,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 100_000,
  })
  // Every command reports its own failure; without a listener the event would end the process.
  client.on('error', () => undefined)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    })
    await Promise.race([client.connect(), late])
    connected = true
    return client
  } catch (cause) {
    if (client.isOpen) client.destroy()
    throw openFailed(address.label, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** Where a client that was passed is connected to, as far as it says. */
export function clientLabel(client: RedisConnection): string {
  const options: unknown = 'options' in client ? client.options : undefined
  const socket: unknown =
    typeof options === 'object' && options !== null && 'socket' in options ? options.socket : undefined
  if (typeof socket !== 'object' || socket === null) return 'behind the Redis client that was passed'
  if ('path' in socket) return `redis+unix:${String(socket.path)}`
  const host = 'host' in socket ? socket.host : 'localhost'
  const port = 'port' in socket ? socket.port : 6379
  return `redis://${String(host)}:${String(port)}`
}

export function openFailed(label: string, cause: unknown): MartletError {
  const reason = reasonOf(cause)
  const fix = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(reason)
    ? 'Check the user and the password.'
    : 'Is the server up, and the address right?'
  return new MartletError('ONLINE_STORE_OPEN_FAILED', `The online store ${label} cannot be opened: ${reason}. ${fix}`, {
    data: { address: label, reason },
    cause,
  })
}

async function loadClient(): Promise<typeof Client> {
  try {
    return await import('@redis/client')
  } catch (cause) {
    throw new MartletError(
      'ONLINE_CLIENT_MISSING',
      'The Redis online store needs a client that is not installed. Run npm install @redis/client.',
      { data: { package: '@redis/client' }, cause },
    )
  }
}
