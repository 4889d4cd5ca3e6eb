import { ensureTable, MartletError, rowsOf, sql, tableRef, type TableSpec, type Warehouse } from '@martlet/warehouse'
import { RAW_SCHEMA } from '../landing/raw-tables.ts'

/** Which files of a source have been read, and how far. Its rows change with the rows that the files bring. */
const FILES: TableSpec = {
  table: `${RAW_SCHEMA}._files`,
  columns: [
    { name: 'source', type: 'text', nullable: false },
    { name: 'path', type: 'text', nullable: false },
    { name: 'size', type: 'bigint', nullable: false },
    { name: 'read_to', type: 'bigint', nullable: false },
    { name: 'lines', type: 'bigint', nullable: false },
    { name: 'sha256', type: 'text', nullable: false },
    { name: 'complete', type: 'boolean', nullable: false },
    { name: 'landed_at', type: 'timestamp', nullable: false },
  ],
}

/** How far a file has been read. */
export interface ReadFile {
  readonly path: string
  /** Bytes that it had. */
  readonly size: number
  /** Of a file that grows, the bytes that have been read. */
  readonly readTo: number
  /** Lines of it, or rows, that have been read. */
  readonly lines: number
  /** Of a file that grows, the SHA-256 of its ends up to `readTo`; of another, that of all of it. */
  readonly sha256: string
  /** Whether all of it has been read; a file that grows may have more later. */
  readonly complete: boolean
}

export async function ensureFileLedger(warehouse: Warehouse): Promise<void> {
  await ensureTable(warehouse, FILES)
}

/**
 * The files that have been read for a source, by path; empty when none ever was.
 *
 * @example for (const { path, lines } of await readFiles(warehouse, 'payments')) console.log(path, lines)
 */
export async function readFiles(warehouse: Warehouse, source: string): Promise<readonly ReadFile[]> {
  if ((await warehouse.introspect(FILES.table)) === undefined) return []
  const rows = rowsOf(
    await warehouse.read(sql`
      SELECT path, size, read_to, lines, sha256, complete FROM ${tableRef(FILES.table)}
      WHERE source = ${source} ORDER BY path
    `),
  )
  return rows.map((row) => ({
    path: String(row['path']),
    size: Number(row['size']),
    readTo: Number(row['read_to']),
    lines: Number(row['lines']),
    sha256: String(row['sha256']),
    complete: row['complete'] === true,
  }))
}

/**
 * Records how far a file has been read, inside the transaction that lands its events.
 * @param before how far it was read when these events were looked for
 * @throws MartletError INGEST_OVERTAKEN when somebody else has read the file meanwhile
 */
export async function recordFile(
  transaction: Warehouse,
  source: string,
  before: ReadFile | undefined,
  after: ReadFile,
  at: bigint,
): Promise<void> {
  const { path, size, readTo, lines, sha256, complete } = after
  const [now] = (await readFiles(transaction, source)).filter((file) => file.path === path)
  if (now?.lines !== before?.lines || now?.sha256 !== before?.sha256)
    throw new MartletError('INGEST_OVERTAKEN', `Another run reads ${path} at the same moment. Run it again.`, {
      data: { source, path },
    })
  await transaction.run(sql`DELETE FROM ${tableRef(FILES.table)} WHERE source = ${source} AND path = ${path}`)
  await transaction.run(sql`
    INSERT INTO ${tableRef(FILES.table)} (source, path, size, read_to, lines, sha256, complete, landed_at)
    SELECT ${source}, ${path}, ${size}, ${readTo}, ${lines}, ${sha256}, ${sql.lit(complete)},
      ${transaction.leaves.timestamp(at)}
  `)
}
