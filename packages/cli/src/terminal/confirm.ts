import { createInterface } from 'node:readline/promises'
import process from 'node:process'
import { MartletError } from '@martlet/warehouse'
import { printable } from './paint.ts'
import type { Terminal } from './terminal.ts'

export interface Question {
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly question: string
  /** The error where nobody can be asked. */
  readonly nobody: MartletError
  /** The message when Ctrl-C is the answer. */
  readonly cancelled: string
}

/** Asks for yes or no on the terminal. */
export async function confirmed({ terminal, signal, question, nobody, cancelled }: Question): Promise<boolean> {
  if (!terminal.interactive) throw nobody
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const gone = new AbortController()
  asking.once('SIGINT', () => gone.abort()).once('close', () => gone.abort())
  try {
    const answer = await asking.question(printable(`${question} [y/N] `), {
      signal: AbortSignal.any([signal, gone.signal]),
    })
    return /^y(es)?$/i.test(answer.trim())
  } catch (cause) {
    if (!gone.signal.aborted && !signal.aborted) throw cause
    throw new MartletError('CANCELLED', cancelled, { cause })
  } finally {
    asking.close()
  }
}
