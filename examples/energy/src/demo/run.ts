import process from 'node:process'
import { MartletError } from '@martlet/warehouse'
import { readFlags } from './flags.ts'
import { walkThrough } from './walk-through.ts'

try {
  const { source, folder, place } = await readFlags(process.argv.slice(2))
  await walkThrough(source, folder, place)
} catch (error) {
  // Errors that a person can correct are a sentence; any other error is a fault of the program and keeps its stack.
  if (!(error instanceof MartletError)) throw error
  process.stderr.write(`\n${error.code}: ${error.message}\n`)
  process.exitCode = 1
}
