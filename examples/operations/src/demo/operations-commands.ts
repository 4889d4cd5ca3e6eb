import { join } from 'node:path'
import { Commands, MARTLET } from '@martlet/example-logistics/demo/commands'
import type { Narrator } from '@martlet/example-logistics/demo/narrator'

/** The project of the example, in which every command runs. */
export const EXAMPLE: string = join(import.meta.dirname, '../..')

/** Commands, and workers that are lost. */
export class OperationsCommands extends Commands {
  constructor(say: Narrator, environment: Readonly<Record<string, string>>) {
    super(say, environment, EXAMPLE)
  }

  /** Starts `martlet worker` and ends it with SIGKILL as soon as it has begun a job, as a lost machine would. */
  async killedWorker(): Promise<string> {
    const args = ['worker', '--json', '--poll', '100ms']
    this.say.command(`${['martlet', ...args].join(' ')}   # and kill -9 when it has begun`)
    const child = this.spawn([MARTLET, ...args])
    const begun = await new Promise<string>((resolve, reject) => {
      let printed = ''
      child.stderr?.on('data', (chunk: Buffer) => {
        printed += chunk.toString()
        const found = /\{"type":"job","id":"([^"]+)"/.exec(printed)
        if (found?.[1] !== undefined) resolve(found[1])
      })
      child.on('exit', (code) => reject(new Error(`martlet worker ended with ${code}: ${printed}`)))
    })
    child.removeAllListeners('exit')
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    return begun
  }
}
