import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** More than LMDB needs for a lock file and its first pages. */
const BYTES = 65_536

/**
 * Throws ENOSPC where a new store has no space. LMDB maps its lock file without reserving its bytes, so on a full disk
 * the first access to it would end the process (SIGBUS).
 */
export function needSpace(folder: string): void {
  if (statSync(join(folder, 'lock.mdb')).size > 0) return
  const probe = join(folder, `space-${process.pid}`)
  try {
    writeFileSync(probe, Buffer.alloc(BYTES))
  } finally {
    rmSync(probe, { force: true })
  }
}
