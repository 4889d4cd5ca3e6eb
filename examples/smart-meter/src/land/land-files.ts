import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MartletError, rowsOf, sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { registryTables, type RegistryRow } from './read-registry.ts'

/** What has landed, by table of raw. */
export interface Landed {
  readonly files: number
  readonly rows: Readonly<Record<string, number>>
}

interface ArrivedFile {
  /** Below the landing folder. */
  readonly path: string
  readonly full: string
  readonly arrivedAt: string
  readonly sha256: string
  readonly bytes: number
}

const LINES = ['readings', 'prices', 'weather'] as const

/**
 * Copies files that are new to raw, line by line as they came, in one transaction with the list of files: killed anywhere, the next
 * run lands what is missing, and nothing twice.
 *
 * @throws MartletError FILE_CHANGED when a file is no longer what was landed of it
 */
export async function landFiles(warehouse: Warehouse, folder: string): Promise<Landed> {
  const known = new Map(
    rowsOf<{ path: string; sha256: string }>(await warehouse.read(sql`SELECT path, sha256 FROM raw.files`)).map(
      ({ path, sha256 }) => [path, sha256],
    ),
  )
  const arrived = arrivedFiles(folder)
  for (const { path, sha256 } of arrived)
    if ((known.get(path) ?? sha256) !== sha256)
      throw new MartletError('FILE_CHANGED', `${path} has changed since it was landed. Deliver it as a new file.`, {
        data: { path },
      })
  const fresh = arrived.filter(({ path }) => !known.has(path))
  const rows: Record<string, number> = {}
  if (fresh.length > 0)
    await warehouse.transaction(async (raw) => {
      for (const kind of LINES) {
        const some = fresh.filter(({ path }) => path.includes(`/${kind}-`))
        if (some.length > 0) rows[kind] = await raw.run(insertLines(kind, some, folder))
      }
      for (const file of fresh.filter(({ path }) => path.endsWith('.sqlite')))
        for (const [table, found] of Object.entries(registryTables(file.full))) {
          if (found.length > 0) await raw.run(insertRows(table, found, file))
          rows[table] = (rows[table] ?? 0) + found.length
        }
      await raw.run(sql`INSERT INTO raw.files VALUES ${sql.join(fresh.map(fileRow))}`)
    })
  return { files: fresh.length, rows }
}

function arrivedFiles(folder: string): readonly ArrivedFile[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .toSorted()
    .flatMap((arrival) => {
      const [, date, time] = /^arrived=(\d{8})T(\d{6})Z$/.exec(arrival) ?? []
      if (date === undefined || time === undefined) return []
      const parts = (text: string, separator: string): string =>
        (text.match(/^\d+(?=\d{4}$)|\d\d/g) ?? []).join(separator)
      const day = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
      return readdirSync(join(folder, arrival))
        .toSorted()
        .map((name) => {
          const full = join(folder, arrival, name)
          const bytes = readFileSync(full)
          const sha256 = createHash('sha256').update(bytes).digest('hex')
          return {
            path: `${arrival}/${name}`,
            full,
            arrivedAt: `${day} ${parts(time, ':')}`,
            sha256,
            bytes: bytes.length,
          }
        })
    })
}

/** A file's lines with their numbers; the folder says when they arrived. */
function insertLines(kind: string, files: readonly ArrivedFile[], folder: string): Sql {
  const paths = sql.join(files.map(({ full }) => sql.lit(full)))
  return sql`
    INSERT INTO ${sql.id('raw', kind)} BY NAME
    SELECT _file, UNNEST(RANGE(1, LEN(lines) + 1)) AS _line,
      STRPTIME(_file[9:24], '%Y%m%dT%H%M%SZ') AS _arrived_at, UNNEST(lines) AS event
    FROM (
      SELECT filename[${folder.length + 2}:] AS _file, STRING_SPLIT(RTRIM(content, CHR(10)), CHR(10)) AS lines
      FROM read_text([${paths}])
    ) AS f
    ORDER BY _file, _line
  `
}

function insertRows(table: string, rows: readonly RegistryRow[], { path, arrivedAt }: ArrivedFile): Sql {
  const values = rows.map(
    (row, line) => sql`(${sql.join([path, line + 1, arrivedAt, JSON.stringify(row)].map((value) => sql.lit(value)))})`,
  )
  return sql`
    INSERT INTO ${sql.id('raw', table)} BY NAME
    SELECT _file, _line, CAST(_arrived_at AS TIMESTAMP) AS _arrived_at, event
    FROM (VALUES ${sql.join(values)}) AS v(_file, _line, _arrived_at, event)
  `
}

function fileRow({ path, sha256, bytes, arrivedAt }: ArrivedFile): Sql {
  return sql`(${sql.join([path, sha256, bytes, arrivedAt].map((value) => sql.lit(value)))})`
}
