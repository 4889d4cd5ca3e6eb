import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from './errors.ts'

/** How long to wait for what another process holds. */
export interface Waiting {
  /** After so long the refusal is thrown; 0 throws it at once. */
  readonly milliseconds: number
  /** Called at the first refusal and every five seconds while waiting. */
  readonly onWait?: (held: { readonly error: MartletError; readonly seconds: number }) => void
  /** Ends the waiting with `CANCELLED`. */
  readonly signal?: AbortSignal
}

const reportEvery = 5_000
const firstPause = 100
const longestPause = 2_000

/** Tries again as long as `work` is refused with this code, at most as long as `waiting` says; without it, once. */
export async function waitWhile<T>(code: string, waiting: Waiting | undefined, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  let reported = -reportEvery
  for (let pause = firstPause; ; pause = Math.min(longestPause, pause * 2)) {
    try {
      return await work()
    } catch (error) {
      const waited = performance.now() - start
      const left = (waiting?.milliseconds ?? 0) - waited
      if (waiting === undefined || left <= 0 || !(error instanceof MartletError) || error.code !== code) throw error
      if (waited - reported >= reportEvery) {
        waiting.onWait?.({ error, seconds: waited / 1000 })
        reported = waited
      }
      await paused(Math.min(pause, left), waiting.signal, error)
    }
  }
}

async function paused(milliseconds: number, signal: AbortSignal | undefined, held: MartletError): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch {
    throw new MartletError('CANCELLED', `Waiting was stopped by its signal: ${held.message}`, {
      data: held.data,
      cause: held,
    })
  }
}
