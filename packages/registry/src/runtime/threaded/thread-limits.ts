import { limitsOf, type IsolationLimits } from '../isolated/isolation-limits.ts'

/** What a model may use in threads of its own. A thread has no memory of its own that could be limited. */
export type ThreadLimits = Omit<IsolationLimits, 'memoryBytes'>

/** The limits of a model in threads; the same defaults as in a process. */
export function threadLimitsOf(given: Partial<ThreadLimits> = {}): ThreadLimits {
  return limitsOf(0, given)
}

/** How many threads of models this process may have at once. */
export const MAX_THREADS = 32

let taken = 0

/** How many threads are not taken. */
export function threadsFree(): number {
  return MAX_THREADS - taken
}

/** Counts threads for the whole process. Returns a function that gives them back, or undefined when so many are not free. */
export function takeThreads(count: number): (() => void) | undefined {
  if (taken + count > MAX_THREADS) return undefined
  taken += count
  let given = false
  return () => {
    if (given) return
    given = true
    taken -= count
  }
}
