import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dropTable, ensureTable, loadFile, openDuckDb, rowsOf, writeParquet } from '@martlet/warehouse'
import type { LoadFile, Warehouse } from '@martlet/warehouse'
import { arbitraryBatch, specsOf } from '../support/arbitrary-batch.ts'
import { codeOf } from '../support/errors.ts'
import { otherEngine } from '../support/other-engine.ts'
import { check } from '../support/property.ts'

let warehouse: Warehouse
let folder: string
beforeAll(async () => {
  warehouse = await openDuckDb()
  folder = await mkdtemp(join(tmpdir(), 'martlet-load-'))
})
afterAll(async () => {
  await warehouse.close()
  await rm(folder, { recursive: true, force: true })
})
afterEach(() => dropTable(warehouse, 't'))

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const load = (path: string, more: Partial<LoadFile> = {}) =>
  loadFile(warehouse, { table: 't', path, mode: 'create', ...more })
const rows = async () => rowsOf(await warehouse.read(sql`SELECT * FROM t ORDER BY 1 NULLS LAST`))
const types = async () => (await warehouse.introspect('t'))?.map(({ name, type }) => [name, type])

describe('CSV', () => {
  it('makes a table of the narrowest types that hold every value', async () => {
    const path = await file(
      'wide.csv',
      'id,zip,kwh,mw,on,ts,day,note,none\n1,00123,1.5,43.0,true,2024-01-01T00:00:00+02:00,2024-02-29,"a, ""b""",\n-2,99999,,44.0,FALSE,2024-01-01 12:00:00,2024-03-01,,\n',
    )
    expect(await load(path)).toEqual({ rows: 2 })
    expect(await types()).toEqual([
      ['id', 'bigint'],
      ['zip', 'text'],
      ['kwh', 'double'],
      ['mw', 'double'],
      ['on', 'boolean'],
      ['ts', 'timestamp'],
      ['day', 'date'],
      ['note', 'text'],
      ['none', 'text'],
    ])
    expect(await rows()).toEqual([
      {
        id: -2,
        zip: '99999',
        kwh: null,
        mw: 44,
        on: false,
        ts: new Date('2024-01-01T12:00:00Z'),
        day: new Date('2024-03-01'),
        note: null,
        none: null,
      },
      // The offset counts: DuckDB alone would drop it.
      {
        id: 1,
        zip: '00123',
        kwh: 1.5,
        mw: 43,
        on: true,
        ts: new Date('2023-12-31T22:00:00Z'),
        day: new Date('2024-02-29'),
        note: 'a, "b"',
        none: null,
      },
    ])
  })

  it('tells an empty text in quotes from none', async () => {
    await load(await file('empty.csv', 'id,note\n1,""\n2,\n'))
    expect(await rows()).toEqual([
      { id: 1, note: '' },
      { id: 2, note: null },
    ])
  })

  it('loads a glob in order, each file by its own header, also compressed', async () => {
    await file('part-1.csv', 'a,b\n1,x\n')
    await file('part-2.csv', 'b,a\ny,2.5\n')
    await file('part-3.csv.gz', gzipSync('a,b\n3,z\n'))
    expect(await load(join(folder, 'part-*.csv*'), { format: 'csv' })).toEqual({ rows: 3 })
    expect(await rows()).toEqual([
      { a: 1, b: 'x' },
      { a: 2.5, b: 'y' },
      { a: 3, b: 'z' },
    ])
  })

  it('reads other delimiters', async () => {
    await load(await file('semicolon.csv', '"a; b";c\n1,5;"x;y"\n'), { delimiter: ';' })
    expect(await rows()).toEqual([{ 'a; b': '1,5', c: 'x;y' }])
    expect((await codeOf(load(await file('no-header.csv', ''), { table: 'other' }))).message).toContain('no header')
  })

  it('loads chosen columns under other names, as the types asked for', async () => {
    const path = await file('chosen.csv', 'Customer Id,used,more\n7,1.25,x\n')
    await load(path, { columns: { customer_id: { from: 'Customer Id', type: 'text' }, used: { decimal: [9, 2] } } })
    expect(await types()).toEqual([
      ['customer_id', 'text'],
      ['used', { decimal: [9, 2] }],
    ])
    expect(await rows()).toEqual([{ customer_id: '7', used: 1.25 }])
  })

  it.each([
    ['text', 'a,b\n1,x\n2,"two\nlines"\nfoo,y\n', { row: 3, line: 5, column: 'a', value: 'foo' }],
    ['a fraction, which a cast alone would round', 'a,b\n1,x\n1.5,y\n', { row: 2, line: 3, column: 'a', value: '1.5' }],
    [
      'a number too large',
      'a,b\n1,x\n9223372036854775808,y\n',
      { row: 2, line: 3, column: 'a', value: '9223372036854775808' },
    ],
    ['nothing where null is not allowed', 'a,b\n1,x\n2,\n', { row: 2, line: 3, column: 'b', value: null }],
  ])('names file, line and column of a cell that does not fit: %s', async (_, content, data) => {
    await ensureTable(warehouse, {
      table: 't',
      columns: [
        { name: 'a', type: 'bigint' },
        { name: 'b', type: 'text', nullable: false },
      ],
    })
    const path = await file('bad.csv', content)
    const failure = await codeOf(load(path, { mode: 'append' }))
    expect(failure).toMatchObject({ code: 'LOAD_BAD_CELL', data: { file: path, ...data } })
    expect(failure.message).toContain(`${path}, line ${data.line}, column "${data.column}"`)
    expect(await rows()).toEqual([])
  })

  it.each(['2024-13-01', '2024-02-30 00:00:00', 'yesterday'])('refuses the timestamp %s', async (value) => {
    const path = await file('times.csv', `ts\n2024-01-01\n${value}\n`)
    expect(await codeOf(load(path, { columns: { ts: 'timestamp' } }))).toMatchObject({
      code: 'LOAD_BAD_CELL',
      data: { line: 3, value },
    })
    expect(await warehouse.introspect('t')).toBeUndefined()
  })

  it.each([
    ['too short', 'a,b\n1,x\n2\n', 3],
    ['too long', 'a,b\n1,x,3\n', 2],
  ])('names the line that is %s', async (_, content, line) => {
    const path = await file('ragged.csv', content)
    const failure = await codeOf(load(path, { columns: { a: 'bigint', b: 'text' } }))
    expect(failure).toMatchObject({ code: 'LOAD_FAILED', data: { file: path, line } })
    expect(failure.message).toContain('Expected Number of Columns: 2')
  })

  it('loads nothing when the second file is bad', async () => {
    await file('half-1.csv', 'a\n1\n')
    await file('half-2.csv', 'a\nx\n')
    expect((await codeOf(load(join(folder, 'half-*.csv'), { columns: { a: 'bigint' } }))).data).toMatchObject({
      file: join(folder, 'half-2.csv'),
      line: 2,
    })
    expect(await warehouse.introspect('t')).toBeUndefined()
  })
})

describe('JSON', () => {
  const records = [
    { id: 1, note: 'a', ts: '2024-01-01T00:00:00Z', deep: { x: [1] } },
    { id: 2, note: null, ts: '2024-01-02T00:00:00Z' },
  ]

  it.each([
    ['an array', 'records.json', JSON.stringify(records)],
    ['one object a line', 'records.ndjson', records.map((record) => JSON.stringify(record)).join('\n')],
  ])('of %s makes a table, with nested values as text', async (_, name, content) => {
    expect(await load(await file(name, content))).toEqual({ rows: 2 })
    expect(await types()).toEqual([
      ['id', 'bigint'],
      ['note', 'text'],
      ['ts', 'timestamp'],
      ['deep', 'text'],
    ])
    expect(await rows()).toEqual([
      { id: 1, note: 'a', ts: new Date('2024-01-01'), deep: '{"x":[1]}' },
      { id: 2, note: null, ts: new Date('2024-01-02'), deep: null },
    ])
  })

  it('names the cell that does not fit', async () => {
    const path = await file('bad.ndjson', '{"a": 1}\n{"a": 1.5}\n')
    expect(await codeOf(load(path, { columns: { a: 'bigint' } }))).toMatchObject({
      code: 'LOAD_BAD_CELL',
      data: { line: 2, column: 'a', value: '1.5' },
    })
    const array = await file('bad.json', '[{"a": 1}, {"a": "x"}]')
    expect((await codeOf(load(array, { columns: { a: 'bigint' } }))).message).toContain(
      `${array}, row 2, column "a": "x" is not of type bigint`,
    )
  })

  it('tells where a file is broken', async () => {
    const path = await file('broken.ndjson', '{"a": 1}\n{"a":\n')
    expect(await codeOf(load(path))).toMatchObject({ code: 'LOAD_FAILED', data: { file: path } })
  })
})

describe('Parquet', () => {
  it('takes its types from the file', async () => {
    const path = join(folder, 'typed.parquet')
    await writeParquet(
      warehouse,
      sql`SELECT 1::INTEGER AS i, 2::UBIGINT AS u, 1.5::FLOAT AS f, 1.25::DECIMAL(9, 2) AS d, TIMESTAMPTZ '2024-01-01 00:00:00+02' AS tz, TIMESTAMP_NS '2024-01-01' AS ns, [1, 2] AS l, ${'bound'} AS b`,
      path,
    )
    expect(await load(path)).toEqual({ rows: 1 })
    expect(await types()).toEqual([
      ['i', 'integer'],
      ['u', 'bigint'],
      ['f', 'double'],
      ['d', { decimal: [9, 2] }],
      ['tz', 'timestamp'],
      ['ns', 'timestamp'],
      ['l', 'text'],
      ['b', 'text'],
    ])
    expect(await rows()).toEqual([
      {
        i: 1,
        u: 2,
        f: 1.5,
        d: 1.25,
        tz: new Date('2023-12-31T22:00:00Z'),
        ns: new Date('2024-01-01'),
        l: '[1,2]',
        b: 'bound',
      },
    ])
  })

  it('converts only what keeps the value, else names the row', async () => {
    const path = join(folder, 'convert.parquet')
    await writeParquet(warehouse, sql`SELECT * FROM (VALUES (1.0::DOUBLE, '5'), (2.5, '6')) AS v(x, n)`, path)
    expect(await load(path, { columns: { n: 'integer', x: 'double' } })).toEqual({ rows: 2 })
    expect(await rows()).toEqual([
      { n: 5, x: 1 },
      { n: 6, x: 2.5 },
    ])
    expect(await codeOf(load(path, { mode: 'create', table: 'other', columns: { x: 'integer' } }))).toMatchObject({
      code: 'LOAD_BAD_CELL',
      data: { row: 2, column: 'x', value: '2.5' },
    })
    expect(await warehouse.introspect('other')).toBeUndefined()
  })

  it('keeps every value and null on the way out and in again', async () => {
    const path = join(folder, 'round-trip.parquet')
    await check(
      fc.asyncProperty(arbitraryBatch({ maxRows: 3000 }), async (batch) => {
        await dropTable(warehouse, 'source')
        await dropTable(warehouse, 't')
        await ensureTable(warehouse, { table: 'source', columns: specsOf(batch) })
        await warehouse.append('source', batch)
        expect(await writeParquet(warehouse, sql`SELECT * FROM source`, path)).toEqual({ rows: batch.rows })
        await load(path)
        expect(await warehouse.read(sql`SELECT * FROM t ORDER BY row_id`)).toEqual(batch)
      }),
      { runs: 10 },
    )
  })

  it('leaves the old file when the query fails', async () => {
    const path = join(folder, 'kept.parquet')
    await writeParquet(warehouse, sql`SELECT 1 AS x`, path)
    expect((await codeOf(writeParquet(warehouse, sql`SELECT error('no') AS x`, path))).code).toBe('SQL_FAILED')
    await load(path)
    expect(await rows()).toEqual([{ x: 1 }])
  })
})

describe('a path that cannot be written', () => {
  const unread = sql`SELECT error('the query ran') AS x`
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    ['an object, as loadFile takes', () => ({ path: join(folder, 'x.parquet') }), 'it is of type object, not text'],
    ['nothing', () => undefined, 'it is of type undefined, not text'],
    ['empty text', () => '', 'it is empty'],
    ['a NUL', () => join(folder, 'x\0.parquet'), 'it contains a NUL'],
    ['a folder', () => folder, 'it is a folder'],
    ['a folder that is not there', () => join(folder, 'none', 'x.parquet'), 'there is no folder '],
    [
      'a file in place of the folder',
      () => join(import.meta.filename, 'x.parquet'),
      `there is no folder ${import.meta.filename}`,
    ],
  ]
  it.each(cases)('%s is refused before the query runs', async (_, path, problem) => {
    for (const engine of [warehouse, otherEngine(warehouse)]) {
      const error = await codeOf(Reflect.apply(writeParquet, undefined, [engine, unread, path()]))
      expect([error.code, error.message]).toEqual(['FILE_NOT_WRITABLE', expect.stringContaining(problem)])
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('nor does loadFile take one that is no text', async () => {
    for (const path of [undefined, null, { path: 'x.csv' }, ['x.csv'], 1, '']) {
      const error = await codeOf(Reflect.apply(loadFile, undefined, [warehouse, { table: 't', path, mode: 'create' }]))
      expect([error.code, error.data]).toEqual(['LOAD_FAILED', {}])
    }
  })
})

describe('an engine that cannot read files itself', () => {
  it('gets and gives the same rows, streamed through a DuckDB beside it', async () => {
    const other = otherEngine(warehouse)
    const csv = await file(
      'other.csv',
      `id,note\n${Array.from({ length: 5000 }, (_, i) => `${i},note ${i}`).join('\n')}\n`,
    )
    expect(await loadFile(other, { table: 't', path: csv, mode: 'create' })).toEqual({ rows: 5000 })
    const path = join(folder, 'other.parquet')
    expect(await writeParquet(other, sql`SELECT * FROM t ORDER BY id`, path)).toEqual({ rows: 5000 })
    await dropTable(warehouse, 't')
    await load(path)
    const [ids, notes] = (await warehouse.read(sql`SELECT * FROM t ORDER BY id`)).columns
    expect(ids?.values).toEqual(BigInt64Array.from({ length: 5000 }, (_, i) => BigInt(i)))
    expect(notes?.values).toEqual(Array.from({ length: 5000 }, (_, i) => `note ${i}`))
    expect(await writeParquet(other, sql`SELECT * FROM t WHERE id < 0`, path)).toEqual({ rows: 0 })
  })

  it('gets nothing from a bad file', async () => {
    const other = otherEngine(warehouse)
    const path = await file('other-bad.csv', 'id\n1\nx\n')
    expect(
      await codeOf(loadFile(other, { table: 't', path, mode: 'create', columns: { id: 'bigint' } })),
    ).toMatchObject({ code: 'LOAD_BAD_CELL', data: { line: 3, value: 'x' } })
    expect(await warehouse.introspect('t')).toBeUndefined()
  })
})

describe('modes and mistakes', () => {
  it.each([
    ['a header alone', 'header.csv', 'a,b\n', 0],
    ['Windows line ends', 'crlf.csv', 'a,b\r\n1,x\r\n', 1],
    ['a byte order mark', 'bom.csv', '\uFEFFa,b\n1,x\n', 1],
    ['quoted names', 'quoted.csv', '"a","b"\n"1","x"\n', 1],
    ['no line end at the end', 'cut.csv', 'a,b\n1,x', 1],
  ])('a CSV file may have %s', async (_, name, content, count) => {
    await load(await file(name, content), { columns: { a: 'bigint', b: 'text' } })
    expect(await rows()).toEqual(count === 0 ? [] : [{ a: 1, b: 'x' }])
  })

  it('create, append and replace', async () => {
    const path = await file('modes.csv', 'a,b\n1,x\n')
    expect(await codeOf(load(path, { mode: 'append' }))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
    await load(path)
    expect(await codeOf(load(path))).toMatchObject({ code: 'TABLE_EXISTS' })
    await load(path, { mode: 'append' })
    expect(await rows()).toHaveLength(2)
    await load(path, { mode: 'replace' })
    expect(await rows()).toEqual([{ a: 1, b: 'x' }])
    await file('modes.csv', 'a,b\nx,x\n')
    expect((await codeOf(load(path, { mode: 'replace' }))).code).toBe('LOAD_BAD_CELL')
    expect(await rows()).toEqual([{ a: 1, b: 'x' }])
  })

  it.each([
    ['a CSV of only a header', 'no-rows.csv', 'a,b\n'],
    ['a CSV of only a header, zipped', 'no-rows.csv.gz', gzipSync('a,b\n')],
    ['Parquet without rows', 'no-rows.parquet', null],
  ])('%s empties a table that has rows only when it is told to', async (_, name, content) => {
    await load(await file('rows.csv', 'a,b\n1,x\n2,y\n'))
    const columns = { a: { type: 'bigint', from: 'a' }, b: { type: 'text', from: 'b' } } as const
    const path = join(folder, name)
    if (content === null) await writeParquet(warehouse, sql`SELECT * FROM t WHERE a < 0`, path)
    else await file(name, content)
    const refused = await codeOf(load(path, { mode: 'replace', columns }))
    expect(refused).toMatchObject({ code: 'LOAD_EMPTY', data: { path, table: 't', rows: 2 } })
    expect(refused.message).toContain('allowEmpty: true')
    expect(await rows()).toHaveLength(2)
    expect(await load(path, { mode: 'replace', columns, allowEmpty: true })).toEqual({ rows: 0 })
    expect(await rows()).toEqual([])
    // Nothing is lost where nothing was.
    expect(await load(path, { mode: 'replace', columns })).toEqual({ rows: 0 })
  })

  it('several files that are all empty are refused, one that has rows is enough', async () => {
    await load(await file('full.csv', 'a,b\n1,x\n'))
    await file('part-1.csv', 'a,b\n')
    await file('part-2.csv', 'a,b\n')
    expect((await codeOf(load(join(folder, 'part-*.csv'), { mode: 'replace' }))).code).toBe('LOAD_EMPTY')
    expect(await rows()).toHaveLength(1)
    await file('part-2.csv', 'a,b\n7,z\n')
    expect(await load(join(folder, 'part-*.csv'), { mode: 'replace' })).toEqual({ rows: 1 })
    expect(await rows()).toEqual([{ a: 7, b: 'z' }])
  })

  it('lists columns that are missing on either side', async () => {
    await ensureTable(warehouse, {
      table: 't',
      columns: [
        { name: 'a', type: 'bigint' },
        { name: 'c', type: 'text' },
      ],
    })
    const path = await file('columns.csv', 'a,b\n1,x\n')
    expect((await codeOf(load(path, { mode: 'append' }))).data['differences']).toEqual([
      'b is not in the table',
      'c is not in the file',
    ])
    expect(
      (await codeOf(load(path, { mode: 'append', columns: { a: 'bigint', c: { from: 'z' } } }))).data['differences'],
    ).toEqual(['z is not in the file'])
    expect(await load(path, { mode: 'append', columns: { a: { from: 'a' }, c: { from: 'b' } } })).toEqual({ rows: 1 })
    expect(await rows()).toEqual([{ a: 1, c: 'x' }])
  })

  it('tells that no file is there, or of no known format', async () => {
    expect((await codeOf(load(join(folder, 'nothing-*.csv')))).code).toBe('FILE_NOT_FOUND')
    expect((await codeOf(load(join(folder, 'x.xlsx')))).message).toContain('format')
  })
})
