import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

const ENDS = 65_536

/** The SHA-256 of the first and the last 64 KiB of a file before an offset: a file that only grows keeps it. */
export async function markOf(path: string, upTo: number): Promise<string> {
  await using file = await open(path)
  const hash = createHash('sha256')
  for (const from of upTo <= ENDS ? [0] : [0, Math.max(ENDS, upTo - ENDS)]) {
    const length = Math.min(ENDS, upTo - from)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, from)
    hash.update(buffer.subarray(0, bytesRead))
  }
  return hash.digest('hex')
}

/** The SHA-256 of a whole file. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
