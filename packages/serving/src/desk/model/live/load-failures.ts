import { MartletError } from '@martlet/warehouse'
import type { AliasTarget } from '../model-source.ts'

/** Why an alias is not served by the version it names. */
export interface LoadFailure extends AliasTarget {
  readonly code: string
}

/** What could not be loaded, and when to try again: with growing pauses, so that a broken version does not occupy the thread. */
export interface LoadFailures {
  /** Whether to load this version now. */
  mayTry(key: string, target: AliasTarget): boolean
  succeeded(key: string): void
  failed(key: string, target: AliasTarget, error: unknown): void
  /** Drops the failures of aliases that no longer exist. */
  keepOnly(isKnown: (key: string) => boolean): void
  list(): readonly LoadFailure[]
}

interface Attempt {
  readonly failure: LoadFailure
  readonly pauseMs: number
  readonly nextAt: number
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/** @param onError called once per version that cannot be loaded, not at every attempt */
export function loadFailures(onError: (error: unknown) => void): LoadFailures {
  const attempts = new Map<string, Attempt>()
  return {
    mayTry(key, { version }) {
      const last = attempts.get(key)
      return last === undefined || last.failure.version !== version || performance.now() >= last.nextAt
    },
    succeeded: (key) => void attempts.delete(key),
    failed(key, { model, alias, version }, error) {
      const last = attempts.get(key)
      const pauseMs = last === undefined ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, last.pauseMs * 2)
      if (last?.failure.version !== version) onError(error)
      const code = error instanceof MartletError ? error.code : 'LOAD_FAILED'
      attempts.set(key, { failure: { model, alias, version, code }, pauseMs, nextAt: performance.now() + pauseMs })
    },
    keepOnly(isKnown) {
      for (const key of attempts.keys()) if (!isKnown(key)) attempts.delete(key)
    },
    list: () => [...attempts.values()].map(({ failure }) => failure),
  }
}
