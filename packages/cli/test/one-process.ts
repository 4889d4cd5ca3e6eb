import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import type { Ended } from './run-martlet.ts'

export interface OneProcess extends AsyncDisposable {
  /** Runs the command to its end, after those before it. */
  martlet(...args: string[]): Promise<Ended>
}

/**
 * Commands of one project that run one after the other in one process, which is started once. For commands that refuse:
 * what they say does not depend on how they were started, and starting takes most of their time.
 */
export function oneProcess(folder: string): OneProcess {
  const child = fork(join(import.meta.dirname, 'one-process-child.ts'), [], {
    cwd: folder,
    execArgv: ['--conditions=@martlet/source'],
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (printed += text.toString()))
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`the process of the commands ended with ${String(code)}: ${printed}`)
  })
  died.catch(() => undefined)
  let before: Promise<unknown> = Promise.resolve()
  return {
    martlet(...args) {
      const ended = before.then(async () => {
        child.send(args)
        const [message]: [Ended] = await Promise.race([once(child, 'message') as Promise<[Ended]>, died])
        return message
      })
      before = ended.catch(() => undefined)
      return ended
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await died.catch(() => undefined)
    },
  }
}
