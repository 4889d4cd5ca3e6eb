import { tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import type { Catalog } from '../catalog/catalog.ts'
import { tableHash } from '../catalog/table-hash.ts'
import { readViewState } from '../catalog/view-state.ts'
import type { StoredRows } from '../compile/scope.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { readBy } from '../vocabulary/view-sources.ts'
import { exists, featureTable } from './feature-table.ts'
import { readStale, staleRows } from './stale-rows.ts'
import type { Chunk } from './write-range.ts'
import { writerOf } from './writers/writer-of.ts'

interface Held {
  readonly table: Sql
  readonly since: bigint
  /** Rows before this are not written again. */
  readonly until: bigint
  /** Rows that were written before facts changed. */
  readonly stale: readonly Chunk[]
}

/**
 * Where rows of the views that others read need not be computed again: in feature tables that the catalog says were
 * written by the same definition, since facts last changed. Rows that late facts may still change count only if this
 * call has brought them up to date: `fresh` are the names of those views.
 */
export async function storedViews(
  { warehouse, catalog }: { readonly warehouse: Warehouse; readonly catalog: Catalog },
  views: readonly ViewPlan[],
  fresh: (view: string) => boolean,
): Promise<StoredRows> {
  const held = new Map<string, Held>()
  const remembered = await exists(warehouse, staleRows.table)
  for (const view of views.flatMap(readBy)) {
    const key = keyOf(view)
    if (held.has(key) || !writerOf(view).ownTable) continue
    const { covered } = await readViewState(catalog.db, view.name)
    if (covered === null || covered.hash !== tableHash(view)) continue
    if (!(await exists(warehouse, featureTable(view)))) continue
    const until = fresh(view.name) ? covered.watermark : covered.watermark - BigInt(view.repair)
    const stale = remembered ? await readStale(warehouse, { view: view.name, definition: covered.hash }) : []
    held.set(key, { table: tableRef(featureTable(view)), since: covered.since, until, stale })
  }
  return (view, { first, last }) => {
    const found = held.get(keyOf(view))
    if (found === undefined || first < found.since || last >= found.until) return undefined
    return found.stale.some(({ from, to }) => from <= last && to > first) ? undefined : found.table
  }
}

function keyOf({ name, hash }: ViewPlan): string {
  return `${name} ${hash}`
}
