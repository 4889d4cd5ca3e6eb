import {
  dropTable,
  ensureTable,
  sql,
  tableRef,
  type ColumnBatch,
  type ColumnSpec,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { ByteWriter } from '../online/byte-writer.ts'
import { keyCodec } from '../online/key-codec.ts'
import type { OnlineStore } from '../online/online-store.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { publishedColumn } from './feature-table.ts'
import { passedThroughOf } from '../vocabulary/sources/list.ts'

/**
 * The table of the keys that the online store has rows of. Keys that the view no longer has must be removed from the
 * store.
 */
export function publishedTable(view: { readonly name: string }): string {
  return `features_internal.published_${view.name}`
}

/**
 * Creates the table, unless it exists with the view's keys. `known`: the keys that were published before this table
 * existed.
 */
export async function ensurePublished(warehouse: Warehouse, view: ViewPlan, known: Sql | null): Promise<void> {
  const table = publishedTable(view)
  const columns = publishedColumns(view)
  const there = await warehouse.introspect(table)
  if (
    there !== undefined &&
    columns.every(({ name }) => there.some((column) => column.name === name)) &&
    there.length === columns.length
  )
    return
  if (there !== undefined) await dropTable(warehouse, table)
  await ensureTable(warehouse, { table, columns })
  if (known !== null) await warehouse.run(sql`INSERT INTO ${tableRef(table)} (${names(view)}) ${known}`)
}

/**
 * Records the keys in `current` before their rows are published, so that the store never has a key that is not
 * recorded.
 */
export async function notePublished(warehouse: Warehouse, view: ViewPlan, current: Sql): Promise<void> {
  const missing = sql`
    SELECT ${names(view, 'c')}
    FROM (${current}) c
    LEFT JOIN ${tableRef(publishedTable(view))} p ON ${same(view, 'c', 'p')}
    WHERE ${first(view, 'p')} IS NULL
  `
  await warehouse.run(sql`INSERT INTO ${tableRef(publishedTable(view))} (${names(view)}) ${missing}`)
}

/** Deletes the recorded keys that are not in `current`. */
export async function forgetOthers(warehouse: Warehouse, view: ViewPlan, current: Sql): Promise<void> {
  const table = tableRef(publishedTable(view))
  const equal = sql.join(
    publishedColumns(view).map(({ name }) => sql`${sql.id('c', name)} = ${table}.${sql.id(name)}`),
    sql` AND `,
  )
  await warehouse.run(
    sql`
      DELETE FROM ${table}
      WHERE NOT EXISTS (SELECT 1 FROM (${current}) c WHERE ${equal})
    `,
  )
}

/** The recorded keys that `current` lacks, or has only with an older time: their rows in the store are outdated. */
export function goneKeys(view: ViewPlan, current: Sql): Sql {
  const keys = view.entity.keys.map(({ name }) => name)
  const list = sql.join(keys.map((key) => sql.id('p', key)))
  const on = sql.join(
    keys.map((key) => sql`${sql.id('c', key)} = ${sql.id('p', key)}`),
    sql` AND `,
  )
  const gone = sql`${first(view, 'c')} IS NULL`
  if (passedThroughOf(view.source) === undefined)
    return sql`SELECT ${list} FROM ${tableRef(publishedTable(view))} p LEFT JOIN (${current}) c ON ${on} WHERE ${gone}`
  const newest = sql`
    SELECT ${list}, MAX(p.feature_time) AS feature_time
    FROM ${tableRef(publishedTable(view))} p
    GROUP BY ${list}
  `
  return sql`
    SELECT ${list}
    FROM (${newest}) p
    LEFT JOIN (${current}) c ON ${on}
    WHERE ${gone} OR c.feature_time < p.feature_time
  `
}

/** Removes the keys that `gone` selects from the store, in batches, and returns how many keys that were. */
export async function removeGone(
  warehouse: Warehouse,
  online: OnlineStore,
  view: ViewPlan,
  gone: Sql,
  signal: AbortSignal,
): Promise<number> {
  const columns = view.entity.keys.map(({ name }) => publishedColumn(view, name, sql.id('g', name)))
  const codec = keyCodec(view.entity.keys)
  let keys = 0
  for await (const batch of warehouse.stream(sql`SELECT ${sql.join(columns)} FROM (${gone}) g`, { signal })) {
    if (batch.rows > 0) await online.remove(view.name, keysOf(batch, codec.writer(batch)))
    keys += batch.rows
  }
  return keys
}

function keysOf(batch: ColumnBatch, write: (out: ByteWriter, row: number) => void): readonly Uint8Array[] {
  return Array.from({ length: batch.rows }, (_, row) => {
    const out = new ByteWriter(64)
    write(out, row)
    return out.bytes.subarray(0, out.length)
  })
}

/**
 * Rows on a grid all have the newest feature time; rows of precomputed tables have their own, which must be compared.
 */
function publishedColumns(view: ViewPlan): readonly ColumnSpec[] {
  const keys = view.entity.keys.map(({ name, type }): ColumnSpec => ({ name, type }))
  return passedThroughOf(view.source) === undefined ? keys : [...keys, { name: 'feature_time', type: 'timestamp' }]
}

function names(view: ViewPlan, alias?: string): Sql {
  return sql.join(publishedColumns(view).map(({ name }) => (alias === undefined ? sql.id(name) : sql.id(alias, name))))
}

function same(view: ViewPlan, left: string, right: string): Sql {
  return sql.join(
    publishedColumns(view).map(({ name }) => sql`${sql.id(left, name)} = ${sql.id(right, name)}`),
    sql` AND `,
  )
}

function first(view: ViewPlan, alias: string): Sql {
  return sql.id(alias, view.entity.keys[0]?.name ?? '')
}
