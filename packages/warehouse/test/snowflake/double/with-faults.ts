import { MartletError } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { expect } from 'vitest'
import { SnowflakeDouble } from './double.ts'
import { openDouble } from './open-double.ts'
import { RandomFaults } from './random-faults.ts'

/** How a fault may end, if not in the result. */
const KNOWN = [
  'STATEMENT_TIMEOUT',
  'RESULT_BROKEN',
  'SESSION_LOST',
  'WAREHOUSE_OPEN_FAILED',
  'TRANSACTION_CONFLICT',
  'COMMIT_UNKNOWN',
]

export interface Task {
  readonly name: string
  /** Makes what the work needs, without faults; again before each work. */
  readonly prepare: (warehouse: Warehouse) => Promise<void>
  /** What the faults are played in; its result is compared. */
  readonly work: (warehouse: Warehouse) => Promise<unknown>
  /** Looks at what a failure left behind. */
  readonly afterFailure?: (warehouse: Warehouse) => Promise<void>
  /** Whether it may simply be run again after a failure. */
  readonly repeatable: boolean
}

export interface Played {
  readonly faults: readonly string[]
  /** The code of the error, or what else came out. */
  readonly outcome: string
}

/** Works once without faults and once with some, and compares; after an error it works again. */
export async function workWithFaults(
  { name, prepare, work, afterFailure, repeatable }: Task,
  seed: number,
): Promise<Played> {
  const double = await SnowflakeDouble.start()
  const calm = await openDouble(double)
  const warehouse = await openDouble(double, { timeoutSeconds: 6, networkSeconds: 4 })
  try {
    await prepare(calm)
    const expected = await work(calm)
    await prepare(calm)
    double.chunksOnly = true
    const faults = new RandomFaults(double, seed, { most: 3, oneIn: 6, lateMs: 1000 })
    const outcome = await work(warehouse).then(
      (found) => ({ found }),
      (error: unknown) => ({ error }),
    )
    faults.stop()
    const where = `${name}, faults ${faults.played.join(', ')}`
    if ('found' in outcome) {
      expect(outcome.found, where).toEqual(expected)
      return { faults: faults.played, outcome: 'the result' }
    }
    const code = outcome.error instanceof MartletError ? outcome.error.code : 'no MartletError'
    expect(KNOWN, `${where}: ${String(outcome.error)}`).toContain(code)
    await afterFailure?.(calm)
    if (repeatable) expect(await work(warehouse), `${where}, again`).toEqual(expected)
    return { faults: faults.played, outcome: code }
  } finally {
    await warehouse.close()
    await calm.close()
    await double.stop()
  }
}

/** Plays tasks side by side, for most of the time is the SDK's waiting before it tries again, and prints what happened. */
export async function playSideBySide(
  tasks: readonly { readonly task: Task; readonly seed: number }[],
): Promise<readonly Played[]> {
  const run = `MARTLET_SEED=${process.env['MARTLET_SEED'] ?? ''}`
  const ended = await Promise.all(
    tasks.map(({ task, seed }, index) =>
      workWithFaults(task, seed).catch((error: unknown) =>
        Promise.reject(new Error(`scenario ${index} of ${run}: ${String(error)}`, { cause: error })),
      ),
    ),
  )
  const tally: Record<string, number> = {}
  for (const { faults, outcome } of ended)
    for (const name of [...faults, `→ ${outcome}`]) tally[name] = (tally[name] ?? 0) + 1
  console.log(
    `${run}: ${tasks.length} scenarios, ${ended.reduce((sum, { faults }) => sum + faults.length, 0)} faults: ${JSON.stringify(tally)}`,
  )
  return ended
}
