import { sameType, type ColumnSpec, type ColumnType } from '../column.ts'
import type { FileScan } from '../duckdb/file-scan.ts'
import { MartletError } from '../errors.ts'
import type { Warehouse } from '../warehouse.ts'

/** Table column → its type, or its type and its name in the file. */
export type LoadColumns = Readonly<Record<string, ColumnType | { readonly type?: ColumnType; readonly from?: string }>>

/** A column of the table, and its name in the file. */
export interface LoadColumn extends ColumnSpec {
  readonly source: string
}

interface Choice {
  readonly name: string
  readonly from: string
  readonly type: ColumnType | undefined
}

/**
 * The columns to fill from a file.
 * @throws MartletError LOAD_COLUMNS_DIFFER when columns are missing in the file or in the table
 */
export function matchColumns(
  load: { readonly table: string; readonly columns?: LoadColumns },
  scan: FileScan,
  columns: readonly ColumnSpec[],
): readonly LoadColumn[] {
  const inTable = new Map(columns.map((column) => [column.name.toLowerCase(), column]))
  const inFile = new Map(scan.columns.map((name) => [name.toLowerCase(), name]))
  const choices =
    load.columns === undefined
      ? scan.columns.map((name) => ({ name, from: name, type: undefined }))
      : choicesOf(load.columns)
  const differences: string[] = []
  const matched = choices.flatMap(({ name, from }) => {
    const column = inTable.get(name.toLowerCase())
    const source = inFile.get(from.toLowerCase())
    if (column === undefined) differences.push(`${name} is not in the table`)
    if (source === undefined) differences.push(`${from} is not in the file`)
    return column === undefined || source === undefined ? [] : [{ ...column, source }]
  })
  if (load.columns === undefined) {
    for (const { name } of columns) if (!inFile.has(name.toLowerCase())) differences.push(`${name} is not in the file`)
  }
  if (differences.length > 0) {
    throw new MartletError(
      'LOAD_COLUMNS_DIFFER',
      `${scan.file} cannot be loaded into ${load.table}: ${differences.join('; ')}. ` +
        `Choose with \`columns\` what to load into which column.`,
      { data: { table: load.table, file: scan.file, differences } },
    )
  }
  return matched
}

/** The columns of a new table for the files: as chosen, otherwise the narrowest types that hold every value. */
export async function newColumns(
  reader: Warehouse,
  load: { readonly columns?: LoadColumns },
  scans: readonly FileScan[],
): Promise<readonly ColumnSpec[]> {
  const choices = load.columns === undefined ? undefined : choicesOf(load.columns)
  if (choices?.every(({ type }) => type !== undefined))
    return choices.flatMap(({ name, type }) => (type === undefined ? [] : [{ name, type }]))
  const detected = new Map<string, ColumnType>()
  for (const scan of scans) {
    for (const [name, type] of await scan.detect(reader)) {
      const before = detected.get(name)
      detected.set(name, before === undefined ? type : widest(before, type))
    }
  }
  if (choices === undefined) return [...detected].map(([name, type]) => ({ name, type }))
  const folded = new Map([...detected].map(([name, type]) => [name.toLowerCase(), type]))
  return choices.map(({ name, from, type }) => ({ name, type: type ?? folded.get(from.toLowerCase()) ?? 'text' }))
}

function choicesOf(columns: LoadColumns): readonly Choice[] {
  return Object.entries(columns).map(([name, choice]) => {
    if (typeof choice === 'string' || 'decimal' in choice) return { name, from: name, type: choice }
    return { name, from: choice.from ?? name, type: choice.type }
  })
}

function widest(a: ColumnType, b: ColumnType): ColumnType {
  if (sameType(a, b)) return a
  const pair = new Set([a, b])
  if (pair.has('integer') && pair.has('bigint')) return 'bigint'
  if ([a, b].every((type) => type === 'integer' || type === 'bigint' || type === 'double')) return 'double'
  if (pair.has('date') && pair.has('timestamp')) return 'timestamp'
  return 'text'
}
