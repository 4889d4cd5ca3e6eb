import type { OnlineVectors } from '@martlet/feature-store'
import type { EntityKey } from '../../features/key-reader.ts'
import type { Asked, PreparedRead } from '../../features/prepared-read.ts'
import { partsOf } from '../../features/read-steps.ts'
import type { RequestContext } from '../../request-context.ts'
import type { Work } from '../../turns.ts'

/** Some rows of a request with their features. */
export interface FilledRows {
  readonly keys: readonly EntityKey[]
  /** The same keys with what the request brings for them. */
  readonly asked: Asked
  /** The place of the first row among the keys of the request. */
  readonly firstRow: number
  readonly vectors: OnlineVectors
}

interface Filling {
  /** Waits for a turn before every part; undefined when everything is read at once. */
  readonly work: Work | undefined
  readonly read: PreparedRead
  readonly asked: Asked
  /** Rows per part. */
  readonly rows: number
  readonly at: bigint
}

/** Reads the features of all keys, one part at a time. */
export async function fillRows(
  context: RequestContext,
  { work, read, asked, rows, at }: Filling,
): Promise<readonly FilledRows[]> {
  const filled: FilledRows[] = []
  let firstRow = 0
  for (const part of partsOf(asked, rows)) {
    if (work !== undefined) await work.turn()
    context.check()
    const arriving = read.read(part, at)
    filled.push({
      keys: part.keys,
      asked: part,
      firstRow,
      vectors: arriving instanceof Promise ? await arriving : arriving,
    })
    firstRow += part.keys.length
  }
  context.check()
  return filled
}
