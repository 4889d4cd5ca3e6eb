import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { ensureTable, rowsOf, tableRef, temporaryTableName } from '@martlet/warehouse'
import type { ColumnSpec, ColumnVector } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { check } from '../support/property.ts'
import type { ContractState } from './warehouse-contract.ts'

const COLUMNS: readonly ColumnSpec[] = [
  { name: 'flag', type: 'boolean', nullable: false },
  { name: 'small', type: 'integer', nullable: true },
  { name: 'big', type: 'bigint', nullable: true },
  { name: 'real', type: 'double', nullable: true },
  { name: 'exact', type: { decimal: [18, 4] }, nullable: true },
  { name: 'words', type: 'text', nullable: true },
  { name: 'at', type: 'timestamp', nullable: true },
  { name: 'day', type: 'date', nullable: true },
]

export function columnContract(state: ContractState): void {
  it('finds the columns of a table as they were declared', async () => {
    const table = `${state.schema}.${temporaryTableName('typed')}`
    expect(await state.warehouse.introspect(table)).toBeUndefined()
    await ensureTable(state.warehouse, { table, columns: COLUMNS })
    expect(await state.warehouse.introspect(table)).toEqual(COLUMNS)
  })

  it('reads every type as its column vector', async () => {
    const { columnType, timestamp } = state.warehouse.leaves
    const read = async (value: ReturnType<typeof sql>): Promise<ColumnVector | undefined> =>
      (await state.warehouse.read(sql`SELECT ${value} AS v`)).columns[0]
    expect(await read(sql`CAST(1 AS ${columnType('integer')})`)).toEqual({
      type: 'integer',
      values: Int32Array.of(1),
      nulls: null,
    })
    expect(await read(sql`CAST(9007199254740993 AS ${columnType('bigint')})`)).toEqual({
      type: 'bigint',
      values: BigInt64Array.of(9007199254740993n),
      nulls: null,
    })
    expect(await read(sql`CAST(0.1 AS ${columnType('double')})`)).toEqual({
      type: 'double',
      values: Float64Array.of(0.1),
      nulls: null,
    })
    expect(await read(sql`CAST(12345678901.3456 AS ${columnType({ decimal: [15, 4] })})`)).toEqual({
      type: 'double',
      values: Float64Array.of(12345678901.3456),
      nulls: null,
    })
    for (const [decimal, digits, units] of [
      [[18, 4], '123456789012.3456', 1234567890123456n],
      [[38, 10], '-12345678.1234567891', -123456781234567891n],
      [[38, 10], '-9999999999999999999999999999.9999999999', 1n - 10n ** 38n],
    ] as const) {
      expect(await read(sql`CAST(${sql.lit(digits)} AS ${columnType({ decimal })})`)).toEqual({
        type: { decimal },
        values: [units],
        nulls: null,
      })
    }
    expect(await read(sql`CAST('é€𝄞' AS ${columnType('text')})`)).toEqual({
      type: 'text',
      values: ['é€𝄞'],
      nulls: null,
    })
    expect(await read(timestamp(-1n))).toEqual({ type: 'timestamp', values: BigInt64Array.of(-1n), nulls: null })
    expect(await read(sql`CAST('1969-12-31' AS ${columnType('date')})`)).toEqual({
      type: 'date',
      values: Int32Array.of(-1),
      nulls: null,
    })
    expect(await read(sql`(1 = 1)`)).toEqual({ type: 'boolean', values: Uint8Array.of(1), nulls: null })
    expect(await read(sql`CAST(NULL AS ${columnType('text')})`)).toEqual({
      type: 'text',
      values: [''],
      nulls: Uint8Array.of(1),
    })
  })

  it('binds JavaScript values as what they are', async () => {
    const { columnType, epochMicros } = state.warehouse.leaves
    const row = async (query: ReturnType<typeof sql>) => rowsOf(await state.warehouse.read(query))[0]
    expect(
      await row(
        sql`SELECT ${'it\'s "quoted"'} AS t, ${7} AS i, ${1.5} AS d, ${2n ** 62n} AS b, ${true} AS f, ${new Date(-1)} AS at`,
      ),
    ).toEqual({
      t: 'it\'s "quoted"',
      i: 7,
      d: 1.5,
      b: 2n ** 62n,
      f: true,
      at: new Date(-1),
    })
    // A whole number compared with a double must not become whole arithmetic, nor a fraction be cut.
    expect(
      await row(
        sql`SELECT CAST(1.5 AS ${columnType('double')}) > ${1} AS a, CAST(1 AS ${columnType('double')}) < ${1.25} AS b,
          CAST(2 AS ${columnType('integer')}) > ${1.5} AS c`,
      ),
    ).toEqual({ a: true, b: true, c: true })
    expect(await row(sql`SELECT ${null} IS NULL AS n, ${2_000_000_000} + ${2_000_000_000} AS sum`)).toEqual({
      n: true,
      sum: 4_000_000_000,
    })
    expect(await row(sql`SELECT ${epochMicros(sql`${new Date('2024-02-29T12:34:56.789Z')}`)} AS us`)).toEqual({
      us: 1_709_210_096_789_000,
    })
  })

  it('refuses to bind what is not a SQL value', async () => {
    for (const value of [undefined, new Date(Number.NaN), { a: 1 }, [1], Symbol('s'), 2n ** 200n]) {
      expect(await codeOf(state.warehouse.read(sql`SELECT ${1} AS a, ${value} AS b`))).toMatchObject({
        code: 'PARAMETER_INVALID',
        data: { position: 2 },
      })
    }
  })

  it('gives the user a Kysely with rows as objects', async () => {
    const table = temporaryTableName('users')
    const name = `${state.schema}.${table}`
    await ensureTable(state.warehouse, {
      table: name,
      columns: [
        { name: 'id', type: 'bigint' },
        { name: 'at', type: 'timestamp' },
      ],
    })
    const db = state.warehouse.db.withSchema(state.schema)
    const at = new Date('2024-07-01T00:00:00.123Z')
    const inserted = await db
      .insertInto(table)
      .values([
        { id: 1, at },
        { id: 2n ** 60n, at: null },
      ])
      .executeTakeFirstOrThrow()
    expect(inserted.numInsertedOrUpdatedRows).toBe(2n)
    expect(await db.selectFrom(table).selectAll().orderBy('id').execute()).toEqual([
      { id: 1, at },
      { id: 2n ** 60n, at: null },
    ])
    expect(
      await db
        .selectFrom(table)
        .select((e) => e.fn.countAll().as('count'))
        .execute(),
    ).toEqual([{ count: 2 }])
    expect(
      (await db.updateTable(table).set({ at: null }).where('id', '=', 1).executeTakeFirstOrThrow()).numUpdatedRows,
    ).toBe(1n)
    expect(
      rowsOf(
        await state.warehouse.read(sql`SELECT COUNT(*) AS none FROM ${tableRef(name)} WHERE ${sql.id('at')} IS NULL`),
      ),
    ).toEqual([{ none: 2 }])
    expect((await db.deleteFrom(table).executeTakeFirstOrThrow()).numDeletedRows).toBe(2n)
  })

  it('reads any literal text as it was', async () => {
    const pieces = fc.constantFrom("'", '"', '\\', '$1', '?', ';', '--', '/*', 'n', 'é', '\n', '%', '_')
    await check(
      fc.asyncProperty(fc.array(fc.string({ unit: pieces }), { minLength: 1, maxLength: 20 }), async (texts) => {
        const { columns } = await state.warehouse.read(
          sql`SELECT ${sql.join(texts.map((text, index) => sql`${sql.lit(text)} AS ${sql.id(`c${index}`)}`))}`,
        )
        expect(columns.map(({ values }) => values[0])).toEqual(texts)
      }),
      { runs: 30 },
    )
  })
}
