import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProcessAlive } from '@martlet/feature-store'

/** How long the process of an attempt whose worker is gone may take to notice that. */
const PATIENCE_MS = 15_000

/**
 * Waits until the process of an earlier attempt on this machine has ended, and ends it when that takes too long: its
 * worker may only be suspended.
 *
 * @param config the configuration file, which is on its command line: another process may have got its id
 */
export async function earlierEnded(pid: number | null, config: string, patience: number = PATIENCE_MS): Promise<void> {
  if (pid === null) return
  const end = performance.now() + patience
  while (performance.now() < end) {
    if (!isOf(pid, config)) return
    await sleep(20)
  }
  try {
    // It leads a group of its own.
    process.kill(-pid, 'SIGKILL')
  } catch {
    return
  }
  while (isOf(pid, config)) await sleep(20)
}

function isOf(pid: number, config: string): boolean {
  if (!isProcessAlive(pid)) return false
  try {
    // Empty for one that has ended and that nobody has waited for.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(config)
  } catch {
    return process.platform !== 'linux'
  }
}
