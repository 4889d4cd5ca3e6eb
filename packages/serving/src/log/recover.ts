import { open, readdir, rename, stat, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isProcessAlive } from '@martlet/feature-store'
import { OPEN_SUFFIX, safeName } from './log-file.ts'

/**
 * Finishes the files that killed processes left open: cuts what follows the last newline and gives them their final names.
 * Files of another machine are finished only when nothing has been written to them for `staleMs`. Returns their number.
 */
export async function recoverLogs(folder: string, staleMs: number): Promise<number> {
  let recovered = 0
  for (const model of await namesIn(folder)) {
    for (const day of await namesIn(join(folder, model))) {
      for (const name of await namesIn(join(folder, model, day))) {
        const path = join(folder, model, day, name)
        if (name.endsWith(OPEN_SUFFIX) && (await isRecovered(path, name, staleMs))) recovered++
      }
    }
  }
  return recovered
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

async function isRecovered(path: string, name: string, staleMs: number): Promise<boolean> {
  try {
    if (!(await isAbandoned(path, name, staleMs))) return false
    await finishCut(path)
    return true
  } catch (error) {
    // Another process has finished it in the meantime.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

async function isAbandoned(path: string, name: string, staleMs: number): Promise<boolean> {
  const [, host, pid] = /^\d+-(.+)-(\d+)-\d+(?:-w\d+)?\.jsonl\.open$/.exec(name) ?? []
  if (host === safeName(hostname())) {
    // A file with our own process id is from an earlier process that had it: we open ours later.
    return Number(pid) === process.pid || !isProcessAlive(Number(pid))
  }
  return Date.now() - (await stat(path)).mtimeMs > staleMs
}

async function finishCut(path: string): Promise<void> {
  const end = await endOfLastLine(path)
  if (end === 0) return unlink(path)
  return rename(path, path.slice(0, -OPEN_SUFFIX.length))
}

/** Cuts the file after its last newline and returns its length. */
async function endOfLastLine(path: string): Promise<number> {
  await using handle = await open(path, 'r+')
  let end = (await handle.stat()).size
  const block = Buffer.alloc(65_536)
  while (end > 0) {
    const from = Math.max(0, end - block.length)
    const { bytesRead } = await handle.read(block, 0, end - from, from)
    const newline = block.subarray(0, bytesRead).lastIndexOf(10)
    if (newline !== -1) {
      end = from + newline + 1
      break
    }
    end = from
  }
  await handle.truncate(end)
  return end
}
