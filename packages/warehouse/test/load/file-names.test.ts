import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureTable, loadFile, openDuckDb, rowsOf, upsertFile, writeParquet } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { unloadedRows } from '../../src/load/bulk-read.ts'

/** A name that is also a pattern, and names beside it that the pattern would match. */
const NAMES: readonly (readonly [string, ...string[]])[] = [
  ['read_*', 'read_a', 'read_'],
  ['a?b', 'acb'],
  ['a[b]', 'ab'],
  ['a[!c]', 'ax'],
  ['[a-c]*?', 'bxy'],
  ['{a,b}', 'a', 'b'],
  ['x=1/y', 'y'],
  ['x=1/k=[a-c]/w', 'x=1/k=b/w'],
  ['**/z', 'q/r/z', 'q/z'],
  ['a]', 'a'],
  ["it's", 'its'],
  ['~', 'home'],
  ['a\\*b', 'a*b', 'axb', 'a\\xb'],
  ['a\\b', 'ab'],
]

const CONTENT: Readonly<Record<string, (value: string) => string>> = {
  csv: (value) => `id,note\n1,${value}\n`,
  json: (value) => `[{"id": 1, "note": "${value}"}]`,
  ndjson: (value) => `{"id": 1, "note": "${value}"}\n`,
}

let warehouse: Warehouse
let folder: string
beforeEach(async () => {
  warehouse = await openDuckDb()
  folder = await mkdtemp(join(tmpdir(), 'martlet-names-'))
})
afterEach(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, extension: string, value: string): Promise<string> {
  const path = join(folder, `${name}.${extension}`)
  await mkdir(dirname(path), { recursive: true })
  const content = CONTENT[extension]
  if (content === undefined)
    await writeParquet(warehouse, sql`SELECT CAST(1 AS BIGINT) AS id, ${sql.lit(value)} AS note`, path)
  else await writeFile(path, content(value))
  return path
}

const loaded = async (): Promise<unknown> => rowsOf(await warehouse.read(sql`SELECT * FROM t ORDER BY note`))

describe.each(['csv', 'json', 'ndjson', 'parquet'])('%s files whose names are patterns', (extension) => {
  it.each(NAMES)('loads %s alone', async (name, ...others) => {
    for (const other of others) await write(other, extension, 'other')
    const path = await write(name, extension, 'meant')
    expect(await loadFile(warehouse, { table: 't', path, mode: 'create' })).toEqual({ rows: 1 })
    expect(await loaded()).toEqual([{ id: 1, note: 'meant' }])
  })
})

describe('files whose names are patterns', () => {
  it('loads each once by a glob that matches them all', async () => {
    for (const name of ['read_*', 'read_a', 'read_[a]', 'read_?']) await write(name, 'csv', name)
    expect(await loadFile(warehouse, { table: 't', path: join(folder, 'read_[*a?[]*.csv'), mode: 'create' })).toEqual({
      rows: 4,
    })
  })

  it('takes a path that is no file as a glob, and says so when it matches none', async () => {
    await write('read_a', 'csv', 'a')
    await write('read_b', 'csv', 'b')
    expect(await loadFile(warehouse, { table: 't', path: join(folder, 'read_*.csv'), mode: 'create' })).toEqual({
      rows: 2,
    })
    await expect(
      loadFile(warehouse, { table: 'u', path: join(folder, 'none_*.csv'), mode: 'create' }),
    ).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })

  it('adds no column for folders such as day=1, by a glob either', async () => {
    await write('day=1/a', 'csv', 'a')
    await write('day=2/a', 'csv', 'b')
    await loadFile(warehouse, { table: 't', path: join(folder, 'day=*', 'a.csv'), mode: 'create' })
    expect(await loaded()).toEqual([
      { id: 1, note: 'a' },
      { id: 1, note: 'b' },
    ])
  })

  it('names the file and the line of a bad cell', async () => {
    await write('read_a', 'csv', '7')
    const path = await write('read_*', 'csv', 'no number')
    const failure = loadFile(warehouse, { table: 't', path, mode: 'create', columns: { note: 'integer' } })
    await expect(failure).rejects.toMatchObject({ code: 'LOAD_BAD_CELL', data: { file: path, line: 2 } })
  })

  it('upserts one file', async () => {
    await ensureTable(warehouse, {
      table: 't',
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'note', type: 'text' },
      ],
    })
    await write('read_a', 'csv', 'other')
    const path = await write('read_*', 'csv', 'meant')
    expect(await upsertFile(warehouse, { table: 't', key: ['id'], path })).toEqual({ rows: 1 })
    expect(await loaded()).toEqual([{ id: 1, note: 'meant' }])
  })

  it('reads the files of a large result one by one', async () => {
    await write('x=1/read_a', 'parquet', 'other')
    const path = await write('x=1/read_*', 'parquet', 'meant')
    const rows = unloadedRows(
      { rows: 1, files: [path], columns: [{ name: 'note', type: 'text', cell: sql`note` }] },
      path,
    )
    expect(rowsOf(await warehouse.read(rows))).toEqual([{ note: 'meant' }])
  })
})
