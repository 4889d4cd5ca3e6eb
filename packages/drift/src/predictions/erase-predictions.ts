import type { KeyMentions } from '@martlet/feature-store'
import { rowsOf, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { columnNamed } from '../count/spelling.ts'
import { inTurn } from '../profile/in-turn.ts'
import { keyOfColumn } from './prediction-rows.ts'
import { predictionFiles, predictionTable } from './prediction-tables.ts'

/** Distinct keys that are in memory at once. */
const KEYS_A_BATCH = 4096

export interface PredictionErasure {
  readonly kind: 'predictions'
  /** The table of a model. */
  readonly place: string
  readonly rows: number
}

export interface PredictionErasureOptions {
  /** Whether the keys of a service belong to the entity: `id` may belong to another one. @default all do */
  readonly isAbout?: (service: string) => boolean
  /** @default false */
  readonly dryRun?: boolean
}

/**
 * Removes the predictions for some keys from the tables that `loadPredictions` filled. Erase them from the files of the log
 * first: a file that is loaded later brings back what it still has.
 */
export async function erasePredictions(
  warehouse: Warehouse,
  mentions: KeyMentions,
  { isAbout = () => true, dryRun = false }: PredictionErasureOptions = {},
): Promise<readonly PredictionErasure[]> {
  const erased: PredictionErasure[] = []
  for (const [model, names] of await keysOfModels(warehouse)) {
    const table = predictionTable(model)
    const columns = (await warehouse.introspect(table)) ?? []
    const keys = [...new Set(names.flatMap((name) => columnNamed(columns, name)?.name ?? []))]
    if (keys.length === 0) continue
    let rows = 0
    const isMeant = (found: KeyRow): boolean => {
      const record = Object.fromEntries(keys.map((name) => [keyOfColumn(name), found[name]]))
      const { service } = found
      return isAbout(typeof service === 'string' ? service : '') && mentions.isKey(record)
    }
    for (const found of await keyRows(warehouse, table, keys, isMeant)) {
      const same = sql.join(
        [...keys, 'service'].map((name) => equality(warehouse, name, found[name])),
        sql` AND `,
      )
      rows += Number(found['found_rows'])
      if (dryRun) continue
      await inTurn(warehouse, table, (transaction) =>
        transaction.run(sql`DELETE FROM ${tableRef(table)} WHERE ${same}`),
      )
    }
    if (rows > 0) erased.push({ kind: 'predictions', place: table, rows })
  }
  return erased
}

async function keysOfModels(warehouse: Warehouse): Promise<ReadonlyMap<string, readonly string[]>> {
  if ((await warehouse.introspect(predictionFiles.table)) === undefined) return new Map()
  const rows = rowsOf(
    await warehouse.read(
      sql`SELECT DISTINCT model, key_columns FROM ${tableRef(predictionFiles.table)} ORDER BY model`,
    ),
  )
  const keys = new Map<string, readonly string[]>()
  for (const row of rows) {
    const [model, names] = [String(row['model']), JSON.parse(String(row['key_columns'])) as readonly string[]]
    keys.set(model, [...new Set([...(keys.get(model) ?? []), ...names])])
  }
  return keys
}

type KeyRow = Readonly<Record<string, unknown>>

/** The keys that are meant, with their rows; the others pass by in batches. */
async function keyRows(
  warehouse: Warehouse,
  table: string,
  keys: readonly string[],
  isMeant: (row: KeyRow) => boolean,
): Promise<readonly KeyRow[]> {
  const names = sql.join([...keys, 'service'].map((name) => sql.id(name)))
  const query = sql`SELECT ${names}, COUNT(*) AS found_rows FROM ${tableRef(table)} GROUP BY ${names}`
  const meant: KeyRow[] = []
  for await (const batch of warehouse.stream(query, { batchRows: KEYS_A_BATCH }))
    meant.push(...rowsOf(batch).filter(isMeant))
  return meant
}

function equality({ leaves }: Warehouse, name: string, value: unknown): Sql {
  if (value instanceof Date) return sql`${sql.id(name)} = ${leaves.timestamp(value.getTime() * 1000)}`
  return value === null || value === undefined ? sql`${sql.id(name)} IS NULL` : sql`${sql.id(name)} = ${value}`
}
