import { failed } from './failure.ts'
import { FIRST_GENERATION, newGeneration } from './layout.ts'
import type { StoreParts } from './redis-server.ts'

/** Keys looked at in one step; the server answers others in between. */
const STEP = '1000'

/** Rows of the current generation that have not expired. Walks the whole key space of the server, a step at a time. */
export async function countRows({ server, keys, generations }: StoreParts, table: string): Promise<number> {
  try {
    const stored = await server.send(['GET', keys.generationKey(table)])
    const generation = Buffer.isBuffer(stored) ? stored.toString() : FIRST_GENERATION
    generations.set(table, generation)
    // SCAN may name a key twice while the server resizes its table.
    const seen = new Set<string>()
    for await (const found of scan(server.send, `${keys.rowPrefix(table, generation)}*`))
      for (const key of found) seen.add(key.toString('latin1'))
    return seen.size
  } catch (cause) {
    throw failed('ONLINE_READ_FAILED', server.label, `counting table ${table} of`, cause)
  }
}

/** The keys of the current generation's rows, each once. */
export async function* listKeys(
  parts: StoreParts,
  table: string,
): AsyncGenerator<readonly Uint8Array[], void, undefined> {
  const { server, keys, generations } = parts
  try {
    const stored = await server.send(['GET', keys.generationKey(table)])
    const generation = Buffer.isBuffer(stored) ? stored.toString() : FIRST_GENERATION
    generations.set(table, generation)
    const prefix = Buffer.byteLength(keys.rowPrefix(table, generation))
    const seen = new Set<string>()
    for await (const found of scan(server.send, `${keys.rowPrefix(table, generation)}*`)) {
      const fresh = found.filter((key) => !seen.has(key.toString('latin1')))
      for (const key of fresh) seen.add(key.toString('latin1'))
      if (fresh.length > 0) yield fresh.map((key) => key.subarray(prefix))
    }
  } catch (cause) {
    throw failed('ONLINE_READ_FAILED', server.label, `listing table ${table} of`, cause)
  }
}

/** All rows vanish for readers with one SET; afterwards their memory is given back. */
export async function clearTable({ server, keys, generations }: StoreParts, table: string): Promise<void> {
  const generation = newGeneration()
  const current = Buffer.from(keys.rowPrefix(table, generation))
  try {
    await server.send(['SET', keys.generationKey(table), generation])
    generations.set(table, generation)
    for await (const found of scan(server.send, keys.allRows(table))) {
      const old = found.filter((key) => !key.subarray(0, current.length).equals(current))
      if (old.length > 0) await server.send(['UNLINK', ...old])
    }
  } catch (cause) {
    throw failed('ONLINE_WRITE_FAILED', server.label, `clearing table ${table} of`, cause)
  }
}

async function* scan(
  send: StoreParts['server']['send'],
  pattern: string,
): AsyncGenerator<readonly Buffer[], void, undefined> {
  let cursor = '0'
  do {
    const reply = await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', STEP])
    const [next, found]: readonly unknown[] = Array.isArray(reply) ? reply : []
    if (!Buffer.isBuffer(next) || !Array.isArray(found)) throw new Error('the server answered SCAN with something else')
    yield found.filter((key) => Buffer.isBuffer(key))
    cursor = next.toString()
  } while (cursor !== '0')
}
