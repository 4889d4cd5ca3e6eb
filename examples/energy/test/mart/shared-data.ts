import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** A folder of recorded data beside the repository; undefined, with a line that says so, where it is not there. */
export function sharedData(name: string): string | undefined {
  const folder = join(import.meta.dirname, '../../../../../shared/data', name)
  if (existsSync(folder)) return folder
  console.warn(`skipped: the recorded data of ${name} is not in ${folder}`)
  return undefined
}
