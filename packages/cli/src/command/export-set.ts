import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, rename, rm, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import process from 'node:process'
import type { TrainingSet, vectorFields } from '@martlet/feature-store'
import {
  MartletError,
  sql,
  tableRef,
  typeText,
  writeCsv,
  writeParquet,
  type ColumnType,
  type Warehouse,
} from '@martlet/warehouse'
import type { CommandContext } from './run-command.ts'

export interface ExportOptions {
  readonly parquet?: string
  readonly csv?: string
  /** The time column of the set. */
  readonly time: string
  /** The service's vector. */
  readonly fields: ReturnType<typeof vectorFields>
}

export interface ExportedFile {
  readonly file: string
  readonly sidecar: string
  readonly bytes: number
}

/** What describes an exported file lies next to it. */
export function sidecarOf(file: string): string {
  return `${file}.json`
}

/**
 * Writes the rows of a set to files, each with a JSON file that says what its columns are.
 * @throws MartletError FILE_NOT_WRITABLE when a file cannot be written
 */
export async function exportSet(
  context: Pick<CommandContext, 'exporting' | 'signal'>,
  warehouse: Warehouse,
  set: TrainingSet,
  { parquet, csv, time, fields }: ExportOptions,
): Promise<readonly ExportedFile[]> {
  const wanted = [
    ...(parquet === undefined ? [] : [{ format: 'parquet', file: resolve(parquet), write: writeParquet }]),
    ...(csv === undefined ? [] : [{ format: 'csv', file: resolve(csv), write: writeCsv }]),
  ]
  if (wanted.length === 0) return []
  const about = await describe(warehouse, set, { time, fields })
  const mode = context.exporting(() => 0o666 & ~process.umask())
  const exported: ExportedFile[] = []
  for (const { format, file, write } of wanted) {
    const sidecar = sidecarOf(file)
    // One that is left would describe other rows.
    await rm(sidecar, { force: true })
    const query = sql`SELECT * FROM ${tableRef(set.table)} ORDER BY spine_row`
    const { rows } = await write(warehouse, query, file, { signal: context.signal })
    await chmod(file, mode)
    const { size: bytes } = await stat(file)
    const text = JSON.stringify({ format, rows, bytes, sha256: await sha256Of(file), ...about }, null, 2)
    await writeFile(`${sidecar}.new`, `${text}\n`, { mode: 0o600 })
    await chmod(`${sidecar}.new`, mode)
    await rename(`${sidecar}.new`, sidecar)
    exported.push({ file, sidecar, bytes })
  }
  return exported
}

interface Described {
  readonly name: string
  readonly type: string
}

/** What each column of a set is. */
async function describe(
  warehouse: Warehouse,
  set: TrainingSet,
  { time, fields }: Pick<ExportOptions, 'time' | 'fields'>,
): Promise<object> {
  const columns = (await warehouse.introspect(set.table)) ?? []
  const types = new Map<string, ColumnType>(columns.map(({ name, type }) => [name, type]))
  const described = (name: string): Described => {
    const type = types.get(name)
    if (type === undefined)
      throw new MartletError(
        'COLUMN_MISSING',
        `Table ${set.table} has no column ${name} any more: another process has replaced it. Build the set again.`,
        { data: { table: set.table, column: name } },
      )
    return { name, type: typeText(type) }
  }
  const computed = new Set([...set.features, ...set.labels, ...set.missing])
  const { keys, split } = set
  return {
    table: set.table,
    /** In vector order, as a model takes them. */
    features: fields.map(({ name, nullable, default: standIn }) => ({
      ...described(name),
      nullable,
      ...(standIn === undefined ? {} : { default: standIn }),
    })),
    labels: set.labels.map(described),
    missing: set.missing.map(described),
    keys,
    time,
    split,
    spine: columns
      .map(({ name }) => name)
      .filter((name) => !computed.has(name))
      .map(described),
    manifest: set.manifest,
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) if (part instanceof Uint8Array) hash.update(part)
  return hash.digest('hex')
}
