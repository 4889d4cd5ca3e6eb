import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import {
  columnBatch,
  dropTable,
  ensureSchema,
  ensureTable,
  evolveTable,
  replaceRange,
  rowsOf,
  tableRef,
  temporaryTableName,
  upsert,
} from '@martlet/warehouse'
import type { ColumnSpec, ColumnType } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import type { ContractState } from './warehouse-contract.ts'

const ID: ColumnSpec = { name: 'id', type: 'text' }

export function tableContract(state: ContractState): void {
  const newName = () => `${state.schema}.${temporaryTableName('t')}`
  const rows = async (table: string, order = 'id') =>
    rowsOf(await state.warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY ${sql.id(order)}`))
  const text = (...values: (string | null)[]) => ({ type: 'text', values }) as const
  const integers = (...values: (number | null)[]) => ({ type: 'integer', values }) as const

  describe('ensureTable', () => {
    it('creates the table and its schema once', async () => {
      const table = newName()
      const spec = { table, columns: [ID, { name: 'ts', type: 'timestamp' }], clusterBy: ['id', 'ts'] } as const
      expect(await ensureTable(state.warehouse, spec)).toEqual({ created: true })
      expect(await ensureTable(state.warehouse, spec)).toEqual({ created: false })
      await ensureSchema(state.warehouse, state.schema)
      expect(await state.warehouse.introspect(table)).toHaveLength(2)
      await dropTable(state.warehouse, table)
      await dropTable(state.warehouse, table)
      expect(await state.warehouse.introspect(table)).toBeUndefined()
    })

    it('survives being called from several places at once', async () => {
      const spec = { table: newName(), columns: [ID] }
      const results = await Promise.all(Array.from({ length: 6 }, () => ensureTable(state.warehouse, spec)))
      expect(results.some(({ created }) => created)).toBe(true)
      expect(await state.warehouse.introspect(spec.table)).toEqual([{ ...ID, nullable: true }])
    })

    it('lists every difference to a table that exists', async () => {
      const table = newName()
      await ensureTable(state.warehouse, {
        table,
        columns: [ID, { name: 'n', type: 'integer' }, { name: 'old', type: 'text' }],
      })
      const failure = await codeOf(
        ensureTable(state.warehouse, {
          table,
          columns: [ID, { name: 'n', type: 'double', nullable: false }, { name: 'fresh', type: 'date' }],
        }),
      )
      expect(failure.code).toBe('TABLE_MISMATCH')
      expect(failure.data['differences']).toEqual([
        'fresh is missing',
        'old is not in the definition',
        'n is integer, defined as double not null',
      ])
    })

    it('refuses definitions and names that cannot be', async () => {
      const table = newName()
      for (const columns of [[], [ID, { ...ID, name: 'ID' }], [{ ...ID, name: '' }]])
        expect((await codeOf(ensureTable(state.warehouse, { table, columns }))).code).toBe('BAD_TABLE_SPEC')
      expect((await codeOf(ensureTable(state.warehouse, { table, columns: [ID], clusterBy: ['ts'] }))).code).toBe(
        'BAD_TABLE_SPEC',
      )
      for (const name of ['', 'a..b', '.a', 'a.b.c.d', 'a\0b'])
        expect((await codeOf(ensureTable(state.warehouse, { table: name, columns: [ID] }))).code).toBe('BAD_IDENTIFIER')
      expect(() => tableRef('a.')).toThrow(/BAD_IDENTIFIER|not a table name/)
    })

    it('takes names as names, whatever they hold', async () => {
      const table = `${state.schema}.${temporaryTableName('robert"; drop table t; --')}`
      await ensureTable(state.warehouse, {
        table,
        columns: [
          { name: 'select', type: 'text' },
          { name: 'a "b" c', type: 'integer' },
        ],
      })
      await state.warehouse.append(table, columnBatch({ select: text('x'), 'a "b" c': integers(1) }))
      expect(await rows(table, 'select')).toEqual([{ select: 'x', 'a "b" c': 1 }])
    })
  })

  describe('evolveTable', () => {
    it('creates, then adds columns and keeps rows', async () => {
      const table = newName()
      expect(await evolveTable(state.warehouse, { table, columns: [ID] })).toEqual({
        created: true,
        added: [],
        dropped: [],
        changed: [],
      })
      await state.warehouse.append(table, columnBatch({ id: text('a') }))
      const wider = {
        table,
        columns: [ID, { name: 'n', type: 'integer' }, { name: 'd', type: { decimal: [9, 2] } }],
      } as const
      expect(await evolveTable(state.warehouse, wider)).toEqual({
        created: false,
        added: ['n', 'd'],
        dropped: [],
        changed: [],
      })
      expect(await evolveTable(state.warehouse, wider)).toEqual({ created: false, added: [], dropped: [], changed: [] })
      expect(await rows(table)).toEqual([{ id: 'a', n: null, d: null }])
    })

    it('refuses to lose data and changes nothing then, unless told to', async () => {
      const table = newName()
      await evolveTable(state.warehouse, {
        table,
        columns: [ID, { name: 'n', type: 'integer' }, { name: 'old', type: 'text' }],
      })
      await state.warehouse.append(table, columnBatch({ id: text('a'), n: integers(1), old: text('x') }))
      const other = { table, columns: [ID, { name: 'n', type: 'double' }, { name: 'fresh', type: 'text' }] } as const
      expect((await codeOf(evolveTable(state.warehouse, other))).data['differences']).toEqual([
        'old is not in the definition',
        'n is integer, defined as double',
      ])
      expect(await rows(table)).toEqual([{ id: 'a', n: 1, old: 'x' }])
      expect(await evolveTable(state.warehouse, other, { allowDrop: true })).toEqual({
        created: false,
        added: ['fresh'],
        dropped: ['old'],
        changed: ['n'],
      })
      expect(await rows(table)).toEqual([{ id: 'a', fresh: null, n: null }])
    })

    it('finds a table of every type as it made it', async () => {
      const types: readonly ColumnType[] = [
        'boolean',
        'integer',
        'bigint',
        'double',
        'text',
        'timestamp',
        'date',
        ...[
          [1, 0],
          [10, 0],
          [18, 0],
          [19, 0],
          [38, 0],
          [38, 10],
          [5, 5],
        ].map(([precision = 1, scale = 0]) => ({ decimal: [precision, scale] as const })),
      ]
      const spec = { table: newName(), columns: types.map((type, index) => ({ name: `c${index}`, type })) }
      expect(await ensureTable(state.warehouse, spec)).toEqual({ created: true })
      expect(await ensureTable(state.warehouse, spec)).toEqual({ created: false })
      expect(await evolveTable(state.warehouse, spec)).toEqual({ created: false, added: [], dropped: [], changed: [] })
    })

    it('never adds a column without nulls to rows that exist', async () => {
      const table = newName()
      await evolveTable(state.warehouse, { table, columns: [ID] })
      const strict = { table, columns: [ID, { name: 'n', type: 'integer', nullable: false }] } as const
      expect((await codeOf(evolveTable(state.warehouse, strict))).code).toBe('TABLE_MISMATCH')
      await state.warehouse.append(table, columnBatch({ id: text('a') }))
      expect((await codeOf(evolveTable(state.warehouse, strict, { allowDrop: true }))).message).toContain('rows exist')
      await state.warehouse.run(sql`DELETE FROM ${tableRef(table)}`)
      await evolveTable(state.warehouse, strict, { allowDrop: true })
      expect((await state.warehouse.introspect(table))?.[1]).toEqual({ name: 'n', type: 'integer', nullable: false })
    })
  })

  describe('upsert', () => {
    const filled = async () => {
      const table = newName()
      await ensureTable(state.warehouse, {
        table,
        columns: [
          ID,
          { name: 'part', type: 'integer' },
          { name: 'n', type: 'integer' },
          { name: 'kept', type: 'text' },
        ],
      })
      await state.warehouse.append(
        table,
        columnBatch({ id: text('a', 'b'), part: integers(1, 1), n: integers(1, 2), kept: text('x', 'y') }),
      )
      return table
    }
    const source = (...values: readonly (readonly [string | null, number, number])[]) =>
      sql`SELECT * FROM (VALUES ${sql.join(values.map(([id, part, n]) => sql`(${id}, ${part}, ${n})`))}) AS v(id, part, n)`
    const request = { key: ['id', 'part'], columns: ['id', 'part', 'n'] }

    it('updates rows whose key exists and inserts the others', async () => {
      const table = await filled()
      expect(await upsert(state.warehouse, { table, ...request, source: source(['b', 1, 20], ['b', 2, 30]) })).toEqual({
        rows: 2,
      })
      expect(await rows(table, 'n')).toEqual([
        { id: 'a', part: 1, n: 1, kept: 'x' },
        { id: 'b', part: 1, n: 20, kept: 'y' },
        { id: 'b', part: 2, n: 30, kept: null },
      ])
    })

    it('inserts only when all columns are the key', async () => {
      const table = await filled()
      expect(
        await upsert(state.warehouse, {
          table,
          key: ['id'],
          columns: ['id'],
          source: sql`SELECT id FROM (VALUES ('b'), ('c')) AS v(id)`,
        }),
      ).toEqual({ rows: 1 })
      expect((await rows(table)).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    })

    it('refuses a source with a key twice or null, and writes nothing', async () => {
      const table = await filled()
      const before = await rows(table)
      expect(
        await codeOf(
          upsert(state.warehouse, { table, ...request, source: source(['a', 1, 5], ['z', 1, 1], ['z', 1, 1]) }),
        ),
      ).toMatchObject({ code: 'UPSERT_DUPLICATES', data: { key: { id: 'z', part: 1 } } })
      expect((await codeOf(upsert(state.warehouse, { table, ...request, source: source([null, 1, 5]) }))).code).toBe(
        'UPSERT_NULL_KEY',
      )
      expect(
        (await codeOf(upsert(state.warehouse, { table, key: ['id'], columns: ['n'], source: source(['a', 1, 5]) })))
          .code,
      ).toBe('BAD_UPSERT')
      expect(await rows(table)).toEqual(before)
    })

    it('takes its source from the table itself and rolls back with the transaction around it', async () => {
      const table = await filled()
      const doubled = sql`SELECT id, part, n * 2 AS n FROM ${tableRef(table)}`
      await upsert(state.warehouse, { table, ...request, source: doubled })
      expect((await rows(table)).map(({ n }) => n)).toEqual([2, 4])
      await expect(
        state.warehouse.transaction(async (transaction) => {
          await upsert(transaction, { table, ...request, source: doubled })
          throw new Error('given up on purpose')
        }),
      ).rejects.toThrow('given up on purpose')
      expect((await rows(table)).map(({ n }) => n)).toEqual([2, 4])
    })

    it('checks its source in a transaction, too, and leaves the transaction usable', async () => {
      const table = await filled()
      await state.warehouse.transaction(async (transaction) => {
        expect(
          (await codeOf(upsert(transaction, { table, ...request, source: source(['z', 1, 1], ['z', 1, 1]) }))).code,
        ).toBe('UPSERT_DUPLICATES')
        expect((await codeOf(upsert(transaction, { table, ...request, source: source([null, 1, 5]) }))).code).toBe(
          'UPSERT_NULL_KEY',
        )
        expect(await upsert(transaction, { table, ...request, source: source(['b', 1, 20], ['b', 2, 30]) })).toEqual({
          rows: 2,
        })
      })
      expect((await rows(table, 'n')).map(({ id, n }) => [id, n])).toEqual([
        ['a', 1],
        ['b', 20],
        ['b', 30],
      ])
    })
  })

  describe('replaceRange', () => {
    const filled = async () => {
      const table = newName()
      await ensureTable(state.warehouse, { table, columns: [ID, { name: 'ts', type: 'timestamp' }] })
      await state.warehouse.append(
        table,
        columnBatch({ id: text('a', 'b', 'c', 'd', 'e'), ts: { type: 'timestamp', values: [-1n, 0n, 9n, 10n, null] } }),
      )
      return table
    }
    const fresh = (...values: readonly (readonly [string, bigint])[]) =>
      sql`SELECT * FROM (VALUES ${sql.join(values.map(([id, ts]) => sql`(${id}, ${state.warehouse.leaves.timestamp(ts)})`))}) AS v(id, ts)`
    const ids = async (table: string) => (await rows(table)).map(({ id }) => id)

    it('replaces exactly the rows of the half-open range, and again with the same result', async () => {
      const table = await filled()
      const range = {
        table,
        column: 'ts',
        from: 0n,
        to: 10n,
        rows: fresh(['x', 0n], ['y', 9n], ['z', 9n]),
        orderBy: [sql.ref('ts'), sql.ref('id')],
      }
      expect(await replaceRange(state.warehouse, range)).toEqual({ deleted: 2, inserted: 3 })
      expect(await ids(table)).toEqual(['a', 'd', 'e', 'x', 'y', 'z'])
      expect(await replaceRange(state.warehouse, range)).toEqual({ deleted: 3, inserted: 3 })
      expect(await ids(table)).toEqual(['a', 'd', 'e', 'x', 'y', 'z'])
      expect(
        await replaceRange(state.warehouse, { ...range, rows: sql`SELECT * FROM ${tableRef(table)} WHERE 1 = 0` }),
      ).toEqual({ deleted: 3, inserted: 0 })
      expect(
        await replaceRange(state.warehouse, {
          ...range,
          to: 0n,
          rows: sql`SELECT * FROM ${tableRef(table)} WHERE 1 = 0`,
        }),
      ).toEqual({ deleted: 0, inserted: 0 })
    })

    it('refuses rows outside the range, other columns and a failing query, and changes nothing', async () => {
      const table = await filled()
      const range = { table, column: 'ts', from: 0n, to: 10n }
      expect(
        await codeOf(replaceRange(state.warehouse, { ...range, rows: fresh(['x', 5n], ['y', 10n]) })),
      ).toMatchObject({ code: 'ROWS_OUTSIDE_RANGE', data: { inserted: 2, outside: 1 } })
      expect(
        (await codeOf(replaceRange(state.warehouse, { ...range, rows: sql`SELECT 'x' AS id` }))).data['differences'],
      ).toEqual(['ts is missing from the rows'])
      expect(
        (
          await codeOf(
            replaceRange(state.warehouse, {
              ...range,
              rows: sql`SELECT 'x' AS id, ${state.warehouse.leaves.timestamp(1n)} AS ts, 1 AS more`,
            }),
          )
        ).data['differences'],
      ).toEqual(['more is in the rows only'])
      expect(
        (
          await codeOf(
            replaceRange(state.warehouse, {
              ...range,
              rows: sql`SELECT CAST('x' AS DATE) AS id, ${state.warehouse.leaves.timestamp(1n)} AS ts`,
            }),
          )
        ).code,
      ).toBe('SQL_FAILED')
      expect((await codeOf(replaceRange(state.warehouse, { ...range, from: 11n, rows: fresh(['x', 5n]) }))).code).toBe(
        'BAD_RANGE',
      )
      expect(
        (await codeOf(replaceRange(state.warehouse, { ...range, table: newName(), rows: fresh(['x', 5n]) }))).code,
      ).toBe('TABLE_NOT_FOUND')
      expect(await ids(table)).toEqual(['a', 'b', 'c', 'd', 'e'])
    })

    it('shows readers the old rows or the new ones, never part of them', async () => {
      const table = await filled()
      const seen = new Set<string>()
      let done = false
      const reader = (async () => {
        while (!done) seen.add((await ids(table)).join(''))
      })()
      for (let turn = 0; turn < 20; turn++) {
        await replaceRange(state.warehouse, {
          table,
          column: 'ts',
          from: 0n,
          to: 10n,
          rows: turn % 2 === 0 ? fresh(['x', 1n], ['y', 2n]) : fresh(['b', 0n], ['c', 9n]),
        })
      }
      done = true
      await reader
      expect([...seen].every((state) => state === 'abcde' || state === 'adexy')).toBe(true)
      expect(seen.size).toBeGreaterThan(0)
    })
  })
}
