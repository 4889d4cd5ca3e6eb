import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  columnBatch,
  ensureTable,
  evolveTable,
  openDuckDb,
  replaceTable,
  rowsOf,
  sql,
  stageRows,
  tableRef,
  unitOfWork,
} from '@martlet/warehouse'
import type { Sql, TableSpec, Warehouse } from '@martlet/warehouse'
import { SnowflakeDouble, statementOf } from '../snowflake/double/double.ts'
import { openDouble } from '../snowflake/double/open-double.ts'
import { expectAllowed } from '../snowflake-sql/expect-allowed.ts'
import { codeOf } from '../support/errors.ts'

const spec: TableSpec = {
  table: 'marts.t',
  columns: [
    { name: 'id', type: 'text' },
    { name: 'n', type: 'integer' },
  ],
  clusterBy: ['id'],
}
const idsOf = async (warehouse: Warehouse, table = 'marts.t') =>
  rowsOf<{ id: string }>(await warehouse.read(sql`SELECT id FROM ${tableRef(table)} ORDER BY id`))
    .map(({ id }) => id)
    .join('')
const numbered = ({ leaves }: Warehouse, ids: string): Sql =>
  sql`SELECT id, CAST(n AS ${leaves.columnType('integer')}) AS n FROM (VALUES ${sql.join(
    [...ids].map(
      (id, n) => sql`(${id},
    ${n})`,
    ),
  )}) AS v(id, n)`

async function filled(warehouse: Warehouse): Promise<Warehouse> {
  await ensureTable(warehouse, spec)
  await warehouse.append(
    'marts.t',
    columnBatch({ id: { type: 'text', values: ['a', 'b'] }, n: { type: 'integer', values: [1, 2] } }),
  )
  return warehouse
}

let double: SnowflakeDouble
beforeEach(async () => {
  double = await SnowflakeDouble.start()
})
afterEach(() => double.stop())

describe.each([
  ['DuckDB', () => openDuckDb()],
  ['the double of Snowflake', () => openDouble(double)],
] as const)('a table is replaced, on %s', (_, open) => {
  const orderBy = ['id']

  it('by rows of the same columns and of others, and made when it is not there', async () => {
    await using warehouse = await filled(await open())
    expect(await replaceTable(warehouse, { table: 'marts.t', rows: numbered(warehouse, 'xyz'), orderBy })).toEqual({
      rows: 3,
    })
    expect(await idsOf(warehouse)).toBe('xyz')
    expect(
      await replaceTable(warehouse, {
        table: 'marts.t',
        rows: sql`SELECT id, n * 2 AS doubled FROM (${numbered(warehouse, 'pq')}) AS p`,
        orderBy,
        clustered: true,
      }),
    ).toEqual({ rows: 2 })
    expect((await warehouse.introspect('marts.t'))?.map(({ name }) => name)).toEqual(['id', 'doubled'])
    expect(await idsOf(warehouse)).toBe('pq')
    await replaceTable(warehouse, { table: 'marts.fresh', rows: numbered(warehouse, 'm'), orderBy })
    expect(await idsOf(warehouse, 'marts.fresh')).toBe('m')
  })

  it('not when its check, its query or its signal says no', async () => {
    await using warehouse = await filled(await open())
    const rows = numbered(warehouse, 'xyz')
    const check = (count: number): void => {
      throw new Error(`${count} rows are not wanted`)
    }
    await expect(replaceTable(warehouse, { table: 'marts.t', rows, orderBy, check })).rejects.toThrow(
      '3 rows are not wanted',
    )
    expect(
      (await codeOf(replaceTable(warehouse, { table: 'marts.t', rows: sql`SELECT CAST('x' AS DATE) AS id`, orderBy })))
        .code,
    ).toBe('SQL_FAILED')
    expect(
      (await codeOf(replaceTable(warehouse, { table: 'marts.t', rows, orderBy }, { signal: AbortSignal.abort() })))
        .code,
    ).toBe('CANCELLED')
    expect(await idsOf(warehouse)).toBe('ab')
  })

  it('while others read: they see the old rows or the new ones', async () => {
    await using warehouse = await filled(await open())
    const seen = new Set<string>()
    let done = false
    const reader = (async () => {
      while (!done) seen.add(await idsOf(warehouse))
    })()
    for (let turn = 0; turn < 6; turn++)
      await replaceTable(warehouse, {
        table: 'marts.t',
        rows:
          turn % 2 === 0
            ? numbered(warehouse, 'xyz')
            : sql`SELECT id, n, n AS m FROM (${numbered(warehouse, 'ab')}) AS p`,
        orderBy,
      })
    done = true
    await reader
    expect([...seen].filter((ids) => ids !== 'ab' && ids !== 'xyz')).toEqual([])
  })

  it('in a unit of work that stages rows first', async () => {
    await using warehouse = await filled(await open())
    const read = await unitOfWork(warehouse, async (unit) => {
      await unit.run(unit.leaves.createTableAs('scratch', numbered(unit, 'kl'), { temporary: true }))
      const rows = await stageRows(unit, sql`SELECT * FROM scratch`)
      await replaceTable(unit, { table: 'marts.t', rows, orderBy })
      return idsOf(unit)
    })
    expect([read, await idsOf(warehouse)]).toEqual(['kl', 'kl'])
  })
})

describe('where DDL commits', () => {
  const sent = (): readonly string[] => double.requests.map(statementOf)
  const keyOf = async (warehouse: Warehouse): Promise<unknown> =>
    rowsOf(
      await warehouse.read(
        sql`SELECT clustering_key FROM information_schema.tables WHERE table_schema = 'MARTS' AND table_name = 'T'`,
      ),
    )[0]?.['clustering_key']

  it('only the rows are exchanged when the columns stay, so that rights, tags and policies do; else the rights are copied', async () => {
    await using warehouse = await filled(await openDouble(double))
    await replaceTable(warehouse, { table: 'marts.t', rows: numbered(warehouse, 'xyz'), orderBy: ['id'] })
    expect(sent().some((text) => text.startsWith('CREATE OR REPLACE'))).toBe(false)
    await replaceTable(warehouse, {
      table: 'marts.t',
      rows: sql`SELECT id FROM (${numbered(warehouse, 'xyz')}) AS p`,
      orderBy: ['id'],
      clustered: true,
    })
    expect(sent().filter((text) => text.startsWith('CREATE OR REPLACE'))).toEqual([
      expect.stringMatching(
        /^CREATE OR REPLACE TABLE "MARTS"\."T" \("ID" VARCHAR\) CLUSTER BY \("ID"\) COPY GRANTS AS SELECT .* ORDER BY "ID"$/,
      ),
    ])
    expectAllowed(
      'replace-table',
      sent().filter((text) => /^(?:CREATE|INSERT|DELETE|DROP|SELECT)/.test(text)),
    )
  })

  it('a table is clustered when it is made and when it is replaced by one of other columns', async () => {
    await using warehouse = await filled(await openDouble(double))
    expect(await keyOf(warehouse)).toBe('LINEAR(ID)')
    const rows = sql`SELECT n, id FROM (${numbered(warehouse, 'xyz')}) AS p`
    await replaceTable(warehouse, { table: 'marts.t', rows, orderBy: ['n', 'id'], clustered: true })
    expect(await keyOf(warehouse)).toBe('LINEAR(N, ID)')
    await replaceTable(warehouse, { table: 'marts.t', rows: sql`SELECT id FROM (${rows}) AS p`, orderBy: [] })
    expect(await keyOf(warehouse)).toBeNull()
  })

  it('an evolution that is interrupted after any of its statements ends as it would have, when it is asked for again', async () => {
    const wanted: TableSpec = {
      table: 'marts.t',
      columns: [
        { name: 'id', type: 'text' },
        { name: 'n', type: 'text' },
        { name: 'fresh', type: 'date' },
      ],
    }
    const before: TableSpec = { ...spec, columns: [...spec.columns, { name: 'old', type: 'text' }], clusterBy: [] }
    for (let stop = 1; ; stop++) {
      const warehouse = await openDouble(double)
      await warehouse.run(sql`DROP TABLE IF EXISTS marts.t`)
      await ensureTable(warehouse, before)
      await warehouse.run(sql`INSERT INTO marts.t (id) VALUES (${'a'})`)
      let altered = 0
      double.faultAfter = async (request) => {
        if (String(request.body['sqlText']).startsWith('ALTER TABLE') && ++altered === stop) await double.dropSessions()
        return false
      }
      const ended = await evolveTable(warehouse, wanted, { allowDrop: true }).then(
        () => 'no error',
        (error: unknown) => error,
      )
      double.faultAfter = () => false
      await warehouse.close()
      await using again = await openDouble(double)
      if (ended !== 'no error') {
        expect(ended).toMatchObject({ code: 'SESSION_LOST' })
        // What is lost is still said first, and what goes on changes its mind, too.
        expect((await codeOf(evolveTable(again, wanted))).code).toBe('TABLE_MISMATCH')
        if (stop % 2 === 0)
          await evolveTable(
            again,
            {
              ...wanted,
              columns: [
                { name: 'id', type: 'text' },
                { name: 'n', type: 'double' },
              ],
            },
            { allowDrop: true },
          )
        await evolveTable(again, wanted, { allowDrop: true })
      }
      expect(await again.introspect('marts.t')).toEqual(
        expect.arrayContaining(wanted.columns.map((column) => ({ ...column, nullable: true }))),
      )
      expect([await again.introspect('marts.t').then((columns) => columns?.length), await idsOf(again)]).toEqual([
        3,
        'a',
      ])
      if (altered < stop) {
        expect(stop).toBeGreaterThan(4)
        return
      }
    }
  })
})
