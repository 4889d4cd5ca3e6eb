import { checkKey } from '../limits.ts'
import { failed } from './failure.ts'
import { FIRST_GENERATION, rowKey } from './layout.ts'
import type { StoreParts } from './redis-server.ts'

/** Keys of one command: the server answers others in between. */
const STEP = 1024

/** Removes rows of the table's current generation; rows of one that was cleared are gone anyway. */
export async function removeRows({ server, keys: names, generations }: StoreParts, table: string, keys: Iterable<Uint8Array>): Promise<number> {
  const wanted = Array.from(keys, (key) => (checkKey(table, key), Uint8Array.from(key)))
  if (wanted.length === 0) return 0
  let removed = 0
  try {
    const stored = await server.send(['GET', names.generationKey(table)])
    const generation = Buffer.isBuffer(stored) ? stored.toString() : FIRST_GENERATION
    generations.set(table, generation)
    const prefix = Buffer.from(names.rowPrefix(table, generation))
    for (let start = 0; start < wanted.length; start += STEP) {
      const reply = await server.send(['UNLINK', ...wanted.slice(start, start + STEP).map((key) => rowKey(prefix, key))])
      if (typeof reply !== 'number') throw new Error('the server answered UNLINK with something else')
      removed += reply
    }
  } catch (cause) {
    throw failed('ONLINE_WRITE_FAILED', server.label, `removing rows from table ${table} of`, cause)
  }
  return removed
}
