import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { cpuTime, memoryOf } from '../http/processes.ts'

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}

async function descendants(pid: number): Promise<readonly number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  return [pid, ...(await Promise.all(children.map(descendants))).flat()]
}

/** A server, with the processes that it starts: other servers put their workers into processes of their own. */
export interface ServerProcess {
  readonly port: number
  /** Microseconds of processor time so far. */
  cpu(): Promise<number>
  /** Megabytes at most, shared pages counted once for each process. */
  peak(): Promise<number>
  stop(): Promise<void>
}

/** Starts a server and waits until `path` answers 200. */
export async function startServer(
  port: number,
  path: string,
  [command = '', ...args]: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000)))
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
    if (answer?.ok) break
    if (child.exitCode !== null || tries > 600)
      throw new Error(`${command} ${args.join(' ')} does not answer: ${printed}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { pid } = child
  if (pid === undefined) throw new Error(`${command} could not be started.`)
  const sum = async (of: (pid: number) => Promise<number>): Promise<number> =>
    (await Promise.all((await descendants(pid)).map((each) => of(each).catch(() => 0)))).reduce((a, b) => a + b, 0)
  return {
    port,
    cpu: () => sum(cpuTime),
    peak: () => sum(async (each) => (await memoryOf(each)).peak),
    stop: () => stop(child, pid),
  }
}

async function stop(child: ChildProcess, pid: number): Promise<void> {
  const ended = once(child, 'exit')
  process.kill(-pid, 'SIGTERM')
  const kill = setTimeout(() => process.kill(-pid, 'SIGKILL'), 5000)
  await ended
  clearTimeout(kill)
}
