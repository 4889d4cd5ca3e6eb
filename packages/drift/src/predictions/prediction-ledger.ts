import { rowsOf, sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import { predictionFiles, rejectedPredictions } from './prediction-tables.ts'

/** How far a file of the log is in the warehouse. */
export interface LoadedFile {
  /** Its path below the folder of the model, without `.gz`. */
  readonly file: string
  readonly bytes: number
  /** When it was last written, milliseconds since the epoch. */
  readonly modified: number
  /** Of its lines, not compressed. */
  readonly sha256: string
  /** How many of its lines have been read. */
  readonly lines: number
  readonly complete: boolean
  readonly keys: readonly string[]
}

/** What has been loaded of a model, by file; empty when nothing ever was. */
export async function loadedFiles(
  warehouse: Warehouse,
  model: string,
  file?: string,
): Promise<ReadonlyMap<string, LoadedFile>> {
  if ((await warehouse.introspect(predictionFiles.table)) === undefined) return new Map()
  const only = file === undefined ? sql`` : sql` AND log_file = ${file}`
  const rows = rowsOf(
    await warehouse.read(sql`
      SELECT log_file, bytes, modified, sha256, lines, complete, key_columns
      FROM ${tableRef(predictionFiles.table)} WHERE model = ${model}${only} ORDER BY log_file
    `),
  )
  return new Map(
    rows.map((row) => {
      const found = String(row['log_file'])
      const keys: unknown = JSON.parse(String(row['key_columns']))
      return [
        found,
        {
          file: found,
          bytes: Number(row['bytes']),
          modified: Number(row['modified']),
          sha256: String(row['sha256']),
          lines: Number(row['lines']),
          complete: row['complete'] === true,
          keys: Array.isArray(keys) ? keys.map(String) : [],
        },
      ] as const
    }),
  )
}

/** Records how far a file is, inside the transaction that brings its rows. */
export async function recordLoaded(transaction: Warehouse, model: string, loaded: LoadedFile): Promise<void> {
  const { file, bytes, modified, sha256, lines, complete, keys } = loaded
  const now = transaction.leaves.timestamp(BigInt(Date.now()) * 1000n)
  await transaction.run(sql`DELETE FROM ${tableRef(predictionFiles.table)} WHERE ${ofFile(model, file)}`)
  await transaction.run(sql`
    INSERT INTO ${tableRef(predictionFiles.table)}
      (model, log_file, bytes, modified, sha256, lines, complete, key_columns, loaded_at)
    SELECT ${model}, ${file}, ${bytes}, ${modified}, ${sha256}, ${lines}, ${sql.lit(complete)}, ${JSON.stringify(keys)}, ${now}
  `)
}

/** Removes what a file brought, and that it was loaded. */
export async function forgetFile(transaction: Warehouse, table: string, model: string, file: string): Promise<void> {
  await transaction.run(sql`DELETE FROM ${tableRef(table)} WHERE log_file = ${file}`)
  for (const one of [rejectedPredictions, predictionFiles])
    await transaction.run(sql`DELETE FROM ${tableRef(one.table)} WHERE ${ofFile(model, file)}`)
}

/** Says that what a file brought is in another one now, which is in the ledger. */
export async function renameFile(
  transaction: Warehouse,
  table: string,
  model: string,
  file: string,
  name: string,
): Promise<void> {
  await transaction.run(sql`UPDATE ${tableRef(table)} SET log_file = ${name} WHERE log_file = ${file}`)
  const { table: rejected } = rejectedPredictions
  await transaction.run(sql`UPDATE ${tableRef(rejected)} SET log_file = ${name} WHERE ${ofFile(model, file)}`)
  await transaction.run(sql`DELETE FROM ${tableRef(predictionFiles.table)} WHERE ${ofFile(model, file)}`)
}

function ofFile(model: string, file: string): Sql {
  return sql`model = ${model} AND log_file = ${file}`
}
