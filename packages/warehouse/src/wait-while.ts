import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from './errors.ts'

/** How long to wait for something that another process holds. */
export interface Waiting {
  /** After this long the refusal is thrown; 0 throws it at once. */
  readonly milliseconds: number
  /** Called at the first refusal and every five seconds while waiting. */
  readonly onWait?: (held: { readonly error: MartletError; readonly seconds: number }) => void
  /** Ends the waiting with `CANCELLED`. */
  readonly signal?: AbortSignal
}

const REPORT_EVERY = 5_000
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2_000

/**
 * Tries again while `work` is refused with this code, for as long as `waiting` says; without it, tries once.
 * @throws MartletError CANCELLED when the signal of `waiting` ends it
 */
export async function waitWhile<T>(code: string, waiting: Waiting | undefined, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  let reported = -REPORT_EVERY
  for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
    try {
      return await work()
    } catch (error) {
      const waited = performance.now() - start
      const left = (waiting?.milliseconds ?? 0) - waited
      if (waiting === undefined || left <= 0 || !(error instanceof MartletError) || error.code !== code) throw error
      if (waited - reported >= REPORT_EVERY) {
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
