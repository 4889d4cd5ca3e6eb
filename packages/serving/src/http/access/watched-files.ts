import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { MartletError } from '@martlet/warehouse'

/** What files hold, read again when they change. */
export interface WatchedFiles<T> {
  /** What was read last. Files that cannot be read later, or are wrong, do not change it. */
  readonly current: T
  /** What is wrong with the files now. */
  readonly failure: string | undefined
  /** Reads the files now. */
  refresh(): Promise<void>
  close(): void
}

interface Files<T> {
  /** What the files are in the configuration, such as `auth.keysFile`. */
  readonly name: string
  /** The code of what is wrong with them. @default 'INVALID_AUTH' */
  readonly code?: 'INVALID_AUTH' | 'INVALID_TLS'
  readonly paths: readonly string[]
  /** Reads the texts of all files, in order. */
  readonly read: (texts: readonly string[]) => T
  /** Called when other contents have been taken over, or could not be. */
  readonly onReload?: (failure: MartletError | undefined) => void
  readonly pollMs?: number
}

const POLL_MS = 2000
/** Bytes of the largest file that is read. */
const MAX_BYTES = 4_194_304

/**
 * Reads files now and every two seconds. Contents are compared, so it does not matter how a file is replaced, nor what the clock
 * of its disk says.
 *
 * @throws MartletError `INVALID_AUTH` or `INVALID_TLS` when they cannot be read now
 */
export function watchFiles<T>(files: Files<T>): WatchedFiles<T> {
  const { name, code = 'INVALID_AUTH', paths, read, onReload, pollMs = POLL_MS } = files
  let texts = paths.map(readNow)
  let current = understood(texts)
  let failure: MartletError | undefined
  let refreshing: Promise<void> | undefined
  let closed = false
  const timer = setInterval(() => void refresh(), pollMs)
  timer.unref()

  function understood(given: readonly string[]): T {
    try {
      return read(given)
    } catch (error) {
      throw invalid(paths, error)
    }
  }
  function readNow(path: string): string {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      throw invalid([path], error)
    }
  }
  function invalid(which: readonly string[], error: unknown): MartletError {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `${name}: ${which.join(' and ')} cannot be used. ${reason}`
    const data = { name, paths: which }
    return new MartletError(code, message, { data })
  }

  async function reread(): Promise<void> {
    try {
      const newest: string[] = []
      for (const path of paths) newest.push(await readLater(path))
      const changed = newest.some((text, index) => text !== texts[index])
      if (closed || (!changed && failure === undefined)) return
      if (changed) current = understood(newest)
      texts = newest
      failure = undefined
      onReload?.(undefined)
    } catch (error) {
      if (closed) return
      const found = error instanceof MartletError ? error : invalid(paths, error)
      const isNews = found.message !== failure?.message
      failure = found
      if (isNews) onReload?.(found)
    }
  }

  function refresh(): Promise<void> {
    refreshing ??= reread().finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return {
    get current() {
      return current
    },
    get failure() {
      return failure?.message
    },
    refresh,
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}

async function readLater(path: string): Promise<string> {
  await using handle = await open(path)
  if ((await handle.stat()).size > MAX_BYTES) throw new Error(`It has more than ${MAX_BYTES} bytes.`)
  return handle.readFile('utf8')
}
