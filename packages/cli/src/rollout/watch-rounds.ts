import { setTimeout as sleep } from 'node:timers/promises'
import type { Registry } from '@martlet/registry'
import { MartletError } from '@martlet/warehouse'
import { runRound, type RoundResult } from './run-round.ts'

export interface WatchRounds {
  readonly models: readonly string[]
  readonly actor: string
  /** Milliseconds between two rounds. */
  readonly every: number
  readonly signal: AbortSignal
  readonly onResult: (result: RoundResult) => void
  /** The registry could not be read or written this time; the next round may be luckier. */
  readonly onFailure: (error: Error) => void
}

/** Makes rounds until it is told to stop; returns how many there were. */
export async function watchRounds(registry: Pick<Registry, 'rollouts'>, options: WatchRounds): Promise<number> {
  const { models, actor, every, signal, onResult, onFailure } = options
  let rounds = 0
  while (!signal.aborted) {
    rounds++
    try {
      for (const result of await runRound(registry, { models, actor, now: Date.now() })) onResult(result)
    } catch (error) {
      if (!isPassing(error)) throw error
      onFailure(error)
    }
    await sleep(every, undefined, { signal }).catch(() => undefined)
  }
  return rounds
}

/** Such as a locked file, or a warehouse that does not answer. */
function isPassing(error: unknown): error is Error {
  if (error instanceof MartletError) return true
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}
