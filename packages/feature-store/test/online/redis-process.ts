import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** Whether the suites that need a server can run; says so once a file when not. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0
if (!hasRedis)
  console.warn('Redis suites are skipped: there is no redis-server on the PATH (Debian: apt-get install redis-server)')

export interface RedisProcess {
  readonly port: number
  readonly url: string
  /** Takes its data along when asked: as after a restart with persistence. */
  stop(how?: 'save' | 'crash'): Promise<void>
  start(): Promise<void>
  /** Freezes or thaws the process. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  remove(): Promise<void>
}

/** A server of its own on a free port of the loopback interface, with its files in a temporary folder. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-redis-'))
  const port = await freePort()
  let child: ReturnType<typeof spawn> | undefined
  const start = async (): Promise<void> => {
    child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--daemonize', 'no', ...settings],
      { stdio: 'ignore' },
    )
    for (let tries = 0; !(await answers(port)); tries++) {
      if (child.exitCode !== null || tries > 500) throw new Error(`redis-server did not start on port ${port}`)
      await setTimeout(20)
    }
  }
  const stop = async (how: 'save' | 'crash' = 'crash'): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    if (how === 'save') spawnSync('redis-cli', ['-p', String(port), 'SHUTDOWN', 'SAVE'])
    else child.kill('SIGKILL')
    await exited
  }
  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    signal: (name) => void child?.kill(name),
    async remove() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** True when the server answers anything: an error about a missing password is an answer. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [reply]: unknown[] = await once(socket, 'data')
    return !String(reply).startsWith('-LOADING')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
