import process from 'node:process'
import { MartletError } from '@martlet/warehouse'
import { readFlags } from './flags.ts'
import { tell } from './tell.ts'

try {
  const { source, folder, place } = await readFlags(process.argv.slice(2))
  await tell(source, folder, place)
} catch (error) {
  // What a person can put right is said in a sentence; anything else is a fault of the program and keeps its stack.
  if (!(error instanceof MartletError)) throw error
  process.stderr.write(`\n${error.code}: ${error.message}\n`)
  process.exitCode = 1
}
