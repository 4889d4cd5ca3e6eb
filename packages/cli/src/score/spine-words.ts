import { createHash } from 'node:crypto'
import { isMade, spineText, type Spine } from '@martlet/feature-store'
import type { Warehouse } from '@martlet/warehouse'

/** What tells one spine from another: its table, a hash of its query or of its rows, or how it was made. */
export function spineWords(warehouse: Warehouse, spine: Spine): Readonly<Record<string, string>> {
  if (isMade(spine)) return { ...spineText(spine) }
  if ('table' in spine) return { table: spine.table }
  if ('rows' in spine) return { rows: sha256(text([spine.rows.names, spine.rows.columns])) }
  const file = spine.from === undefined ? {} : { file: spine.from.file }
  return { ...file, query: sha256(text(warehouse.compile(spine.query))) }
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? `${part}n` : ArrayBuffer.isView(part) ? Object.values(part).map(String) : part,
  )
}

export function sha256(given: string): string {
  return createHash('sha256').update(given).digest('hex')
}
