import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { redisStore } from '@martlet/feature-store/redis'

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis)
  console.warn('Redis suites are skipped: there is no redis-server on the PATH (Debian: apt-get install redis-server)')

/** A server with a password on a free port of the loopback interface, with its files in a temporary folder. */
export async function startRedis(password: string): Promise<AsyncDisposable & { readonly port: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-redis-'))
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  listener.close()
  await once(listener, 'close')
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--requirepass', password],
    { stdio: 'ignore' },
  )
  for (let tries = 0; ; tries++) {
    try {
      await (await redisStore({ url: `redis://:${password}@127.0.0.1:${port}` })).close()
      break
    } catch (error) {
      if (tries > 200) throw error
      await setTimeout(50)
    }
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
