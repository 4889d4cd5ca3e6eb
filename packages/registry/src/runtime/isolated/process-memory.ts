import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'

/** The memory of a process, bytes. */
export interface ProcessMemory {
  /** Its private resident memory; includes mapped files where the system does not distinguish them. */
  readonly own: number
  /** The most that was resident, mapped files included. */
  readonly peak: number
}

/** Reads the memory of a process; undefined when it has ended or the system cannot tell. */
export async function memoryOf(pid: number): Promise<ProcessMemory | undefined> {
  if (process.platform === 'linux') return memoryOnLinux(pid)
  if (process.platform === 'win32') return undefined
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, output) => {
      const bytes = Number(output) * 1024
      resolve(error !== null || !(bytes > 0) ? undefined : { own: bytes, peak: bytes })
    })
  })
}

export function memoryOnLinux(pid: number): ProcessMemory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const bytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024
    const peak = bytes('VmHWM')
    return peak === 0 ? undefined : { own: bytes('RssAnon'), peak }
  } catch {
    return undefined
  }
}
