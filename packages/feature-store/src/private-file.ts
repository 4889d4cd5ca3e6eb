import { closeSync, openSync } from 'node:fs'

/**
 * Makes an empty file that only this user may read, where there is none. Whoever opens it next finds it, and SQLite
 * gives the files next to it the same mode. What goes wrong here is left to that opening, which can say what the file
 * is for.
 */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch {
    // It is there already, or cannot be made.
  }
}
