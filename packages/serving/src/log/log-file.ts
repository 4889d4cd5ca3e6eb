import { open, mkdir, rename, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'

/**
 * One file of lines that is being written: `….jsonl.open` until it is finished, then `….jsonl`.
 *
 * A finished file holds whole lines only. An open one may end in half a line if its process was killed.
 */
export interface LogFile {
  readonly bytes: number
  readonly openedAt: number
  /** Appends lines, each ending in a newline. A failed append leaves the file as it was. */
  append(lines: string): Promise<void>
  /** Gives the file its final name. */
  finish(): Promise<void>
}

/** Where files are made, and by which of several workers. */
export interface LogPlace {
  readonly folder: string
  readonly worker: number | undefined
}

let counter = 0

export const OPEN_SUFFIX = '.open'

/** Time of day, machine, process, a counter and the worker: unique, and sorted by time within a day. */
function nameOf(at: Date, worker: number | undefined): string {
  const clock = at.toISOString().slice(11, 23).replace(/[:.]/g, '')
  return `${clock}-${safeName(hostname())}-${process.pid}-${counter++}${worker === undefined ? '' : `-w${worker}`}.jsonl`
}

/** A name as one path segment, whatever characters it contains. */
export function safeName(name: string): string {
  return encodeURIComponent(name).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length))
}

export async function openLogFile({ folder, worker }: LogPlace, model: string, now: Date): Promise<LogFile> {
  const day = join(folder, safeName(model), now.toISOString().slice(0, 10))
  await mkdir(day, { recursive: true, mode: 0o700 })
  const path = join(day, nameOf(now, worker))
  const handle = await open(`${path}${OPEN_SUFFIX}`, 'ax', 0o600)
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    openedAt: now.getTime(),
    async append(lines) {
      const buffer = Buffer.from(lines)
      try {
        await writeAll(handle, buffer)
      } catch (error) {
        await handle.truncate(bytes)
        throw error
      }
      bytes += buffer.length
    },
    async finish() {
      await handle.sync()
      await handle.close()
      await rename(`${path}${OPEN_SUFFIX}`, path)
    },
  }
}

async function writeAll(handle: FileHandle, buffer: Buffer): Promise<void> {
  for (let offset = 0; offset < buffer.length;) {
    const { bytesWritten } = await handle.write(buffer, offset)
    offset += bytesWritten
  }
}
