import type { OnlineRow } from '../online-store.ts'
import { failed } from './failure.ts'
import { FIRST_GENERATION } from './layout.ts'
import { putNewer } from './put-newer.ts'
import type { StoreParts } from './redis-server.ts'
import { batchKeys, rowBatches, type RowBatch } from './row-batch.ts'

const ATTEMPTS = 16

/** Writes batch after batch, in order; the next one is made while the server works on the last. */
export async function writeTable(
  parts: StoreParts,
  table: string,
  rows: Iterable<OnlineRow>,
  keepFor: bigint | undefined,
): Promise<number> {
  let written = 0
  let writing: Promise<number> = Promise.resolve(0)
  try {
    for (const batch of rowBatches(table, rows, keepFor)) {
      written += await writing
      writing = writeBatch(parts, table, batch)
      // A failure is thrown when the next batch is ready; until then it must not count as unhandled.
      writing.catch(() => undefined)
    }
  } catch (error) {
    await writing.catch(() => undefined)
    throw error
  }
  return written + (await writing)
}

async function writeBatch({ server, keys, generations }: StoreParts, table: string, batch: RowBatch): Promise<number> {
  const fail = (cause: unknown): Error =>
    failed('ONLINE_WRITE_FAILED', server.label, `writing to table ${table} of`, cause)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const generation = generations.get(table) ?? FIRST_GENERATION
    const prefix = Buffer.from(keys.rowPrefix(table, generation))
    const reply = await putNewer(
      server.send,
      [keys.generationKey(table), ...batchKeys(prefix, batch)],
      [generation, ...batch.args],
    ).catch((cause: unknown) => {
      throw fail(cause)
    })
    if (typeof reply === 'number') return reply
    if (!Buffer.isBuffer(reply)) throw fail(new Error('the server answered the script with something else'))
    generations.set(table, reply.toString())
  }
  throw fail(new Error('the table is cleared again and again'))
}
