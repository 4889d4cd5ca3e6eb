import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnBatch, filterParquet, openDuckDb, rowsOf, writeParquet, type Warehouse } from '../../src/index.ts'

describe('a Parquet file without the rows of some keys', () => {
  let folder: string
  let warehouse: Warehouse
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'martlet-filter-'))
    warehouse = await openDuckDb()
  })
  afterAll(async () => {
    await warehouse.close()
    await rm(folder, { recursive: true })
  })
  const write = (name: string, query: string) =>
    writeParquet(warehouse, sql.raw(query), join(folder, name)).then(() => join(folder, name))
  const read = async (file: string) =>
    rowsOf(
      await warehouse.read(
        sql`SELECT * FROM read_parquet(${sql.lit(file.replaceAll('*', '[*]'))}, hive_partitioning = false)`,
      ),
    )
  const ids = (...values: string[]) => columnBatch({ id: { type: 'text', values } })
  const text = [{ name: 'id', type: 'text' as const }]

  it('keeps the other rows, their order and the types of columns', async () => {
    const file = await write(
      'a*.parquet',
      `SELECT CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END AS id, i,
       DATE '2024-01-01' + CAST(i AS INTEGER) AS day, i / 3::DECIMAL(9, 3) AS d FROM range(3000) r(i) ORDER BY hash(i)`,
    )
    const before = await read(file)
    {
      await using filtered = await filterParquet(file, ids('a', 'zz'), text)
      expect([filtered.rowsBefore, filtered.rowsAfter]).toEqual([3000, 2000])
      expect(await read(file)).toEqual(before)
      await filtered.replace()
    }
    expect(await read(file)).toEqual(before.filter(({ id }) => id !== 'a'))
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('is not written when nobody is in it, nor when it is not put in place', async () => {
    const file = await write('b.parquet', `SELECT 'a' AS id, 1 AS i`)
    const [bytes, { mtimeMs }] = [await readFile(file), await stat(file)]
    for (const id of ['c', 'a']) {
      await using filtered = await filterParquet(file, ids(id), text)
      expect(filtered.rowsAfter).toBe(id === 'a' ? 0 : 1)
      if (id === 'c') await filtered.replace()
    }
    expect([await readFile(file), (await stat(file)).mtimeMs]).toEqual([bytes, mtimeMs])
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('compares values by the type of the key, whatever type the file has', async () => {
    const file = await write('c.parquet', `SELECT * FROM (VALUES (1, '1'), (2, 'x'), (3, '01')) t(n, id)`)
    const one = columnBatch({ id: { type: 'bigint', values: [1n] } })
    await using filtered = await filterParquet(file, one, [{ name: 'id', type: 'bigint' }])
    expect([filtered.rowsBefore, filtered.rowsAfter]).toEqual([3, 1])
  })

  it('needs every key column', async () => {
    const file = await write('d.parquet', `SELECT 1 AS n`)
    await expect(filterParquet(file, ids('a'), text)).rejects.toMatchObject({
      code: 'FILE_COLUMNS_MISSING',
      data: { missing: ['id'] },
    })
  })
})
