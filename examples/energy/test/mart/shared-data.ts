import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of recorded data next to the repository; undefined, with a line that says so, where it does not exist. */
export function sharedData(name: string): string | undefined {
  const folder = join(import.meta.dirname, '../../../../../shared/data', name)
  if (existsSync(folder)) return folder
  console.warn(`skipped: the recorded data of ${name} is not in ${folder}`)
  return undefined
}
