import { MartletError } from '@martlet/warehouse'

/** How many processes of models this process may have at once. */
export const MAX_PROCESSES = 32

/** Counted for the whole process, not per registry or runtime. */
let taken = 0
const line: (() => void)[] = []

/**
 * Takes a slot for a process and returns a function that gives it back.
 *
 * @throws MartletError ISOLATION_LIMIT when none becomes free in time
 */
export async function takeSlot(model: string, waitMs: number): Promise<() => void> {
  if (taken >= MAX_PROCESSES) await waitForSlot(model, waitMs)
  else taken += 1
  let given = false
  return () => {
    if (given) return
    given = true
    const next = line.shift()
    // The slot goes to the one that has waited longest.
    if (next !== undefined) next()
    else taken -= 1
  }
}

function waitForSlot(model: string, waitMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      line.splice(line.indexOf(go), 1)
      reject(
        new MartletError(
          'ISOLATION_LIMIT',
          `Model ${model} needs a process of its own, but ${MAX_PROCESSES} models have one already, which is the limit. ` +
            'Release models that are not used.',
          { data: { model, limit: MAX_PROCESSES, retryable: true } },
        ),
      )
    }, waitMs)
    line.push(go)
  })
}
