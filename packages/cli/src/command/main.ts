import process from 'node:process'
import { visibleText } from '@martlet/warehouse/visible-text'
import { CommanderError } from 'commander'
import { followParent } from '../schedule/follow-parent.ts'
import { program, withoutValues } from './program.ts'

/** Runs one command line and returns its exit code. */
export async function main(args: readonly string[]): Promise<number> {
  await followParent()
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has gone, as `| head` does.
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  let exitCode = 0
  const root = program(args.includes('--json'), (code) => {
    exitCode = code
  })
  if (args.length === 0) {
    root.outputHelp()
    return 0
  }
  try {
    await root.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    if (args.includes('--json')) {
      const message = withoutValues(error.message).replace(/^error: /, '')
      const answer = { ok: false, command: null, exitCode: 64, error: { code: 'USAGE', message, data: {} } }
      process.stdout.write(`${visibleText(JSON.stringify(answer))}\n`)
    }
    return 64
  }
}
