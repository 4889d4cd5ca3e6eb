import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** What the temporary folders of commits begin with. */
export const FOLDERS = 'martlet-diff-'

/** Definitions load in seconds, so nobody still reads a folder of this age. */
const DAY_MS = 86_400_000

/** Removes the folders that runs which were killed have left behind. */
export function removeLeftBehind(temporary: string, now: number = Date.now()): void {
  for (const name of readdirSync(temporary).filter((one) => one.startsWith(FOLDERS)))
    try {
      const path = join(temporary, name)
      const found = lstatSync(path)
      const own = process.getuid === undefined || found.uid === process.getuid()
      if (found.isDirectory() && own && now - found.mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true })
    } catch {
      // Another run removes it too, or will.
    }
}
