import { checkKey } from '../limits.ts'
import type { OnlineRead, StoredRow } from '../online-store.ts'
import { failed } from './failure.ts'
import { FIRST_GENERATION, rowKey, storedRow } from './layout.ts'
import type { StoreParts } from './redis-server.ts'

/** Keys of one command; the server answers others in between. */
const CHUNK_KEYS = 1024
/** A table that is cleared again between so many round trips is being misused. */
const ATTEMPTS = 16

type Answer = readonly (readonly (StoredRow | undefined)[])[]

/**
 * One MGET a table (and per 1024 keys), all sent together. Each also asks for the table's generation: MGET is atomic,
 * so when that is the one the keys were made for, the rows are from before any later `clear`. If not, it is asked
 * once more.
 */
export async function readTables(parts: StoreParts, reads: readonly OnlineRead[]): Promise<Answer> {
  for (const { table, keys } of reads) for (const key of keys) checkKey(table, key)
  return Promise.all(
    reads.map(async ({ table, keys }) => {
      if (keys.length <= CHUNK_KEYS) return keys.length === 0 ? [] : readChunk(parts, table, keys)
      const chunks = Array.from({ length: Math.ceil(keys.length / CHUNK_KEYS) }, (_, index) =>
        keys.slice(index * CHUNK_KEYS, (index + 1) * CHUNK_KEYS),
      )
      return (await Promise.all(chunks.map((chunk) => readChunk(parts, table, chunk)))).flat()
    }),
  )
}

async function readChunk(
  { server, keys: names, generations }: StoreParts,
  table: string,
  keys: readonly Uint8Array[],
): Promise<readonly (StoredRow | undefined)[]> {
  const fail = (cause: unknown): Error => failed('ONLINE_READ_FAILED', server.label, `reading table ${table} of`, cause)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const generation = generations.get(table) ?? FIRST_GENERATION
    const prefix = Buffer.from(names.rowPrefix(table, generation))
    const reply = await server
      .send(['MGET', names.generationKey(table), ...keys.map((key) => rowKey(prefix, key))])
      .catch((cause: unknown) => {
        throw fail(cause)
      })
    if (!Array.isArray(reply) || reply.length !== keys.length + 1)
      throw fail(new Error('the server answered MGET with something else'))
    const [stored, ...rows]: readonly unknown[] = reply
    const current = Buffer.isBuffer(stored) ? stored.toString() : FIRST_GENERATION
    if (current !== generation) {
      generations.set(table, current)
      continue
    }
    return rows.map((row) => {
      if (row === null || row === undefined) return undefined
      if (!Buffer.isBuffer(row) || row.length < 8)
        throw fail(new Error('a key of the store holds something that the store did not write'))
      return storedRow(row)
    })
  }
  throw fail(new Error('the table is cleared again and again'))
}
