import { MartletError } from '@martlet/warehouse'

/** Processes of models that this process may have at once. */
export const MAX_PROCESSES = 32

/** How many there are is a matter of the whole process, not of a registry or a runtime. */
let taken = 0
const line: (() => void)[] = []

/** Takes a place for a process and returns what gives it back. Rejects with `ISOLATION_LIMIT` when none is given back in time. */
export async function takeSlot(model: string, waitMs: number): Promise<() => void> {
  if (taken >= MAX_PROCESSES) await waitForSlot(model, waitMs)
  else taken += 1
  let given = false
  return () => {
    if (given) return
    given = true
    const next = line.shift()
    // the place goes to who waits longest
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
          `Model ${model} needs a process of its own, and ${MAX_PROCESSES} models have one already, which is the most. Release models that are not used.`,
          { data: { model, limit: MAX_PROCESSES, retryable: true } },
        ),
      )
    }, waitMs)
    line.push(go)
  })
}
