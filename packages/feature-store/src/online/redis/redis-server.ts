import type { RedisArgument, RedisConnection } from './connection.ts'
import type { Layout } from './layout.ts'

/** Replies come as bytes. 36 is `$`, the type of binary strings in the protocol. */
const BYTES = { typeMapping: { 36: Buffer } } as const

export interface RedisServer {
  readonly label: string
  /** One command with a deadline. Commands sent in one turn of the event loop share a round trip. */
  send(args: readonly RedisArgument[]): Promise<unknown>
}

/** What the operations of one store share. */
export interface StoreParts {
  readonly server: RedisServer
  readonly keys: Layout
  /** The generation of each table as last seen; the server checks it with every command. */
  readonly generations: Map<string, string>
}

export function redisServer(connection: RedisConnection, label: string, timeoutMs: number): RedisServer {
  return {
    label,
    async send(args) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
      })
      try {
        return await Promise.race([connection.sendCommand(args, BYTES), late])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
