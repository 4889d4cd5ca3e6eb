import type { OnlineStore } from '../online/online-store.ts'
import { keyCodec } from '../online/key-codec.ts'
import { keyParts, partsOf } from '../online/key-parts.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import { MartletError } from '@martlet/warehouse'
import type { ErasedKeys } from './erased-keys.ts'

/** A table of an online store and the entity that its keys are made of. */
export interface OnlineTable {
  readonly table: string
  readonly entity: EntityPlan
}

export interface OnlineErasure {
  readonly rows: number
  /** Keys that are hashes, so that nobody can tell whose they are. */
  readonly hashed: number
}

const BATCH = 4096

/**
 * Removes the rows of the keys, also where the table's keys have more columns than the entity; `dryRun` only counts
 * them.
 */
export async function eraseOnline(
  store: OnlineStore,
  { table, entity: stored }: OnlineTable,
  keys: ErasedKeys,
  dryRun: boolean,
): Promise<OnlineErasure> {
  if (stored.keys.length === keys.entity.keys.length)
    return { rows: await removeAll(store, table, exactKeys(stored, keys), dryRun), hashed: 0 }
  const wanted = new Set(keys.rows.flatMap((row) => idOf(encoded(() => partsOf(stored.keys, row)) ?? [])))
  const places = stored.keys.flatMap(({ name }, index) =>
    keys.entity.keys.some((key) => key.name === name) ? [index] : [],
  )
  let rows = 0
  let hashed = 0
  for await (const batch of store.keys(table)) {
    const found = batch.filter((key) => {
      const parts = keyParts(stored.keys, key)
      if (parts === undefined) hashed++
      return parts !== undefined && wanted.has(idOf(places.flatMap((place) => parts[place] ?? [])))
    })
    rows += dryRun ? found.length : await removeWithTails(store, table, found)
  }
  return { rows, hashed }
}

function exactKeys(stored: EntityPlan, { rows }: ErasedKeys): readonly Uint8Array[] {
  const codec = keyCodec(stored.keys)
  return rows.flatMap((row) => encoded(() => codec.encode(row)) ?? [])
}

/** A key that an older definition could not have held is not in its rows. */
function encoded<T>(encode: () => T): T | undefined {
  try {
    return encode()
  } catch (error) {
    if (error instanceof MartletError && error.code === 'BAD_ENTITY_KEY') return undefined
    throw error
  }
}

function idOf(parts: readonly Uint8Array[]): string {
  return parts.map((part) => Buffer.from(part).toString('hex')).join('.')
}

async function removeAll(
  store: OnlineStore,
  table: string,
  keys: readonly Uint8Array[],
  dryRun: boolean,
): Promise<number> {
  if (!dryRun) return removeWithTails(store, table, keys)
  let rows = 0
  for (let start = 0; start < keys.length; start += BATCH) {
    const [found = []] = await store.read([{ table, keys: keys.slice(start, start + BATCH) }])
    rows += found.filter((row) => row !== undefined).length
  }
  return rows
}

/** Removes rows, and what was pushed behind them. */
async function removeWithTails(store: OnlineStore, table: string, keys: readonly Uint8Array[]): Promise<number> {
  const tails = (await store.events?.removeTails(table, keys)) ?? 0
  const rows = await store.remove(table, keys)
  return Math.max(rows, tails)
}
