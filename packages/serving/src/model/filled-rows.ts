import type { OnlineVectors } from '@martlet/feature-store'
import type { EntityKey } from '../features/entity-keys.ts'
import { partsOf } from '../features/read-steps.ts'
import type { PreparedRead } from '../features/served-service.ts'
import type { Work } from '../http/turns.ts'
import type { Exchange } from '../http/visit.ts'

/** Some rows of a request with their features. */
export interface FilledRows {
  readonly keys: readonly EntityKey[]
  /** The place of the first of them among the keys of the request. */
  readonly firstRow: number
  readonly vectors: OnlineVectors
}

interface Filling {
  /** What waits for its turn before every part; undefined when all is read at once. */
  readonly work: Work | undefined
  readonly read: PreparedRead
  readonly keys: readonly EntityKey[]
  /** Rows of a part. */
  readonly rows: number
  readonly at: bigint
}

/** Reads the features of all keys, a part at a time. */
export async function fillRows(
  exchange: Exchange,
  { work, read, keys, rows, at }: Filling,
): Promise<readonly FilledRows[]> {
  const filled: FilledRows[] = []
  let firstRow = 0
  for (const part of partsOf(keys, rows)) {
    if (work !== undefined) await work.turn()
    exchange.check()
    const arriving = read.read(part, at)
    filled.push({ keys: part, firstRow, vectors: arriving instanceof Promise ? await arriving : arriving })
    firstRow += part.length
  }
  exchange.check()
  return filled
}
