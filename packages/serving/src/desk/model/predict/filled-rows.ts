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

/** Reads the features of some keys; at once where the store does. */
export function readRows(
  read: PreparedRead,
  asked: Asked,
  firstRow: number,
  at: bigint,
): FilledRows | Promise<FilledRows> {
  const { keys } = asked
  const arriving = read.read(asked, at)
  return arriving instanceof Promise
    ? arriving.then((vectors) => ({ keys, asked, firstRow, vectors }))
    : { keys, asked, firstRow, vectors: arriving }
}

interface Filling {
  /** Waits for a turn before every part. */
  readonly work: Work
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
    await work.turn()
    context.check()
    filled.push(await readRows(read, part, firstRow, at))
    firstRow += part.keys.length
  }
  context.check()
  return filled
}
