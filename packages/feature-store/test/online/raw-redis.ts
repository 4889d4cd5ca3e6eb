import { createClient } from '@redis/client'
import type { RedisConnection } from '../../src/redis.ts'

/** A connection of a test's own, closed with `await using`. */
export async function rawClient(url: string): Promise<AsyncDisposable & { readonly client: RedisConnection }> {
  const client = createClient({ url })
  client.on('error', () => undefined)
  await client.connect()
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.destroy()
    },
  }
}
