import { spawn } from 'node:child_process'
import { deliveryTitle } from '@martlet/drift/alerts'
import { z } from 'zod'
import { length, millisOf } from '../length-of-time.ts'
import { endGroup } from '../process/end-group.ts'
import { ChannelFailure, type AlertChannel } from './channel.ts'

export interface CommandChannelConfig {
  /** The program and its arguments, started in the folder of the configuration without a shell. */
  readonly argv: readonly string[]
  /** How long it may take. @default '30s' */
  readonly timeout?: string
}

/** Starts a program that reads the delivery as JSON from its standard input; exit code 0 means delivered. */
export const command: AlertChannel<'command', CommandChannelConfig> = {
  name: 'command',
  schema: z.strictObject({ argv: z.array(z.string().min(1)).min(1), timeout: length.optional() }),
  async send(delivery, { argv: [program = '', ...words], timeout = '30s' }, { folder }) {
    const { id, key, messages } = delivery
    const body = JSON.stringify({ id, key, title: deliveryTitle(delivery), messages })
    await new Promise<void>((resolve, reject) => {
      const fail = (message: string): void => reject(new ChannelFailure(message, { soon: false }))
      const child = started(program, words, folder)
      const timer = setTimeout(
        () => {
          endGroup(child)
          fail(`the command did not end within ${timeout}`)
        },
        Math.min(millisOf(timeout), 2 ** 31 - 1),
      )
      child.once('error', (error) => {
        clearTimeout(timer)
        reject(notStarted(error))
      })
      child.once('close', (code, signal) => {
        clearTimeout(timer)
        if (code === 0) resolve()
        else fail(`the command ended with ${signal ?? code}`)
      })
      // A program that does not read its input may end before all of it is written.
      child.stdin.on('error', () => undefined).end(`${body}\n`)
    })
  },
}

/** In a group of its own, so that it can be ended with the programs that it has started. */
function started(program: string, words: readonly string[], folder: string) {
  try {
    return spawn(program, words, {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      shell: false,
      detached: true,
    })
  } catch (error) {
    // Some reasons are thrown, others are events.
    throw notStarted(error)
  }
}

function notStarted(error: unknown): ChannelFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return new ChannelFailure(`the command could not be started: ${code}`, { soon: false })
}
