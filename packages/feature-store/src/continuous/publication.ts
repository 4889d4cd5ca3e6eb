import { MartletError } from '@martlet/warehouse'
import type { OnlineRow, StoredRow } from '../online/online-store.ts'

/** The table that says of every continuous view what its bases are of. No view can have this name. */
export const PUBLICATIONS = '.continuous'

/** What all bases of a view are of. */
export interface Publication {
  /** The journal's position up to which their facts are in them; 0 where no source pushes events. */
  readonly position: bigint
  /** The source that events are pushed to; null: none. */
  readonly source: string | null
  /** When the newest event of the fact had happened, µs; null: there was none. */
  readonly newest: bigint | null
}

export function publicationKey(view: string): Uint8Array {
  return Buffer.from(view)
}

export function publicationRow(view: string, { position, source, newest }: Publication): OnlineRow {
  const value = { source, newest: newest === null ? null : String(newest) }
  return { key: publicationKey(view), time: position, value: Buffer.from(JSON.stringify(value)) }
}

/** What a stored row says; undefined before the first publication. */
export function publicationOf(view: string, row: StoredRow | undefined): Publication | undefined {
  if (row === undefined || row.value.length === 0) return undefined
  const value: unknown = JSON.parse(Buffer.from(row.value).toString('utf8'))
  const field = (name: string): unknown =>
    typeof value === 'object' && value !== null && name in value ? value[name as keyof typeof value] : undefined
  const [source, newest] = [field('source'), field('newest')]
  if (typeof value !== 'object')
    throw new MartletError(
      'ONLINE_SCHEMA_MISMATCH',
      `The online store does not say what the bases of ${view} are of. Materialize ${view} again.`,
      { data: { view } },
    )
  return {
    position: row.time,
    source: typeof source === 'string' ? source : null,
    newest: typeof newest === 'string' ? BigInt(newest) : null,
  }
}
