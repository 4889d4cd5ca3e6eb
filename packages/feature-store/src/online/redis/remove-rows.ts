import { checkKey } from '../limits.ts'
import { failed } from './failure.ts'
import { FIRST_GENERATION, rowKey } from './layout.ts'
import type { StoreParts } from './redis-server.ts'

/** Keys of one command; the server answers others in between. */
const BATCH = 512
/** A table that is cleared again between so many round trips is being misused. */
const ATTEMPTS = 16

/**
 * Removes the rows of some keys from the generation that readers see, and looks again when the table was cleared
 * meanwhile.
 */
export async function removeRows(parts: StoreParts, table: string, gone: Iterable<Uint8Array>): Promise<number> {
  let removed = 0
  let batch: Uint8Array[] = []
  for (const key of gone) {
    checkKey(table, key)
    batch.push(Uint8Array.from(key))
    if (batch.length < BATCH) continue
    removed += await removeBatch(parts, table, batch)
    batch = []
  }
  return batch.length === 0 ? removed : removed + (await removeBatch(parts, table, batch))
}

async function removeBatch(
  { server, keys, generations }: StoreParts,
  table: string,
  batch: readonly Uint8Array[],
): Promise<number> {
  const fail = (cause: unknown): Error =>
    failed('ONLINE_WRITE_FAILED', server.label, `removing rows from table ${table} of`, cause)
  const current = async (): Promise<string> => {
    const stored = await server.send(['GET', keys.generationKey(table)])
    return Buffer.isBuffer(stored) ? stored.toString() : FIRST_GENERATION
  }
  try {
    let removed = 0
    let generation = await current()
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const prefix = Buffer.from(keys.rowPrefix(table, generation))
      const reply = await server.send(['UNLINK', ...batch.map((key) => rowKey(prefix, key))])
      removed += typeof reply === 'number' ? reply : 0
      const now = await current()
      generations.set(table, now)
      if (now === generation) return removed
      generation = now
    }
  } catch (cause) {
    throw fail(cause)
  }
  throw fail(new Error('the table is cleared again and again'))
}
