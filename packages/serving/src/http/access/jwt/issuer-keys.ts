import { MartletError } from '@martlet/warehouse'
import { Problem } from '../../../desk/problem.ts'
import { watchFiles } from '../watched-files.ts'
import { keySetOf, type KeySet } from './key-set.ts'

/** Where the public keys of an issuer come from. */
export interface IssuerKeys {
  /** The keys that were read last; undefined when none could be read yet. */
  readonly known: KeySet | undefined
  /**
   * Waits for the first keys.
   *
   * @throws Problem `TOKEN_KEYS_UNAVAILABLE` (503) when they cannot be read
   */
  first(): Promise<KeySet>
  /** Asks for newer keys, when a token names one that is not known; not more often than every 30 seconds. */
  newer(): Promise<KeySet>
  /** What is wrong with the source now. */
  readonly failure: string | undefined
  refresh(): Promise<void>
  close(): void
}

export interface IssuerKeysOptions {
  /** Called when keys have been read anew, or could not be. */
  readonly onReload: (failure: MartletError | undefined) => void
  /** Milliseconds that never go back. @default the clock */
  readonly clock?: () => number
  /** @default 300000 */
  readonly refreshMs?: number
  /** @default 5000 */
  readonly timeoutMs?: number
}

/** The keys in a file. */
export function keysOfFile(file: string, { onReload }: IssuerKeysOptions): IssuerKeys {
  const read = ([text = '']: readonly string[]): KeySet => keySetOf(text)
  const watched = watchFiles({ name: 'auth.jwt.jwks.file', paths: [file], read, onReload })
  return {
    get known() {
      return watched.current
    },
    first: async () => watched.current,
    async newer() {
      await watched.refresh()
      return watched.current
    },
    get failure() {
      return watched.failure
    },
    refresh: watched.refresh,
    close: watched.close,
  }
}

/** How long after an attempt the next one may follow that an unknown key asks for; before there are keys, any token does. */
const AGAIN_MS = 30_000
const FIRST_AGAIN_MS = 2000

/** The keys at a URL. Those that were read are kept while it does not answer. */
export function keysOfUrl(url: string, options: IssuerKeysOptions): IssuerKeys {
  const { onReload, clock = () => performance.now(), refreshMs = 300_000, timeoutMs = 5000 } = options
  let known: KeySet | undefined
  let failure: MartletError | undefined
  let loading: Promise<void> | undefined
  let triedAt = Number.NEGATIVE_INFINITY
  const stop = new AbortController()

  async function reload(): Promise<void> {
    try {
      const text = await textAt(url, AbortSignal.any([AbortSignal.timeout(timeoutMs), stop.signal]))
      const changed = text !== known?.text
      if (changed) known = keySetOf(text)
      const isNews = changed || failure !== undefined
      failure = undefined
      if (isNews) onReload(undefined)
    } catch (error) {
      if (stop.signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      const found = new MartletError('INVALID_AUTH', `auth.jwt.jwks.url cannot be read. ${reason}`, { data: { url } })
      const isNews = found.message !== failure?.message
      failure = found
      if (isNews) onReload(found)
    }
  }
  function load(): Promise<void> {
    triedAt = clock()
    loading ??= reload().finally(() => {
      loading = undefined
    })
    return loading
  }
  async function loadAfter(pauseMs: number): Promise<KeySet> {
    if (loading !== undefined || clock() - triedAt >= pauseMs) await (loading ?? load())
    if (known !== undefined) return known
    const detail = 'The keys of the tokens’ issuer cannot be read at the moment.'
    throw new Problem(503, 'TOKEN_KEYS_UNAVAILABLE', detail, { retryAfter: 5 })
  }
  const timer = setInterval(() => void load(), refreshMs)
  timer.unref()
  void load()

  return {
    get known() {
      return known
    },
    first: () => loadAfter(FIRST_AGAIN_MS),
    newer: () => loadAfter(AGAIN_MS),
    get failure() {
      return failure?.message
    },
    refresh: load,
    close() {
      clearInterval(timer)
      stop.abort()
    },
  }
}

const MAX_BYTES = 1_048_576

async function textAt(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`It answered ${response.status}.`)
  }
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > MAX_BYTES) throw new Error(`It has more than ${MAX_BYTES} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
