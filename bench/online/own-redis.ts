import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { OnlineStore } from '@martlet/feature-store'
import { redisStore } from '@martlet/feature-store/redis'

/** A Redis server of this machine, in memory only, that ends with `close`. */
export interface OwnRedis {
  readonly store: OnlineStore
  readonly pid: number | undefined
  close(): Promise<void>
}

/** Starts `redis-server`, which must be installed, on a free port. */
export async function startRedis(): Promise<OwnRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
  const port = await freePort()
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''], {
    stdio: 'ignore',
  })
  const store = await opened(`redis://127.0.0.1:${port}`)
  return {
    store,
    pid: server.pid,
    async close() {
      await store.close()
      server.kill()
      await once(server, 'exit')
      await rm(folder, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function opened(url: string): Promise<OnlineStore> {
  for (let tries = 0; ; tries++) {
    try {
      return await redisStore({ url, timeoutMs: 10_000 })
    } catch (error) {
      if (tries > 100) throw error
      await setTimeout(50)
    }
  }
}
