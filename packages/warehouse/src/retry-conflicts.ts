import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from './errors.ts'

const ATTEMPTS = 5

/** Runs `work` again, a few times, when another transaction changed the same rows first: all that it did is rolled back. */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const isConflict = error instanceof MartletError && error.code === 'TRANSACTION_CONFLICT'
      if (!isConflict || attempt === ATTEMPTS) throw error
      await sleep(2 ** attempt * (5 + Math.random() * 10))
    }
  }
}
