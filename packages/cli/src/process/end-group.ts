import type { ChildProcess } from 'node:child_process'
import process from 'node:process'

/** Ends a process that leads a group of its own, with those that it started. */
export function endGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}
