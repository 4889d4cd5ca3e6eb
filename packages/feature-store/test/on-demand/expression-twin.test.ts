import { columnBatch, sql, type ColumnInput, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { onDemandSql, requestSql } from '../../src/compile/on-demand-sql.ts'
import type { ExpressionsPlan, FeatureValue } from '../../src/index.ts'
import { expressionsComputation } from '../../src/on-demand/computation.ts'
import { storedOf, valueOf } from '../../src/vocabulary/algebra/value.ts'
import { anyExpression, anyRow, columnTypes, typeOf } from './arbitrary-expression.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

type Row = Readonly<Record<string, FeatureValue>>

test(
  'the process computes what the warehouse computes, of random expressions and rows',
  { timeout: 600_000 },
  async () => {
    const expressions = fc.array(anyExpression, { minLength: 12, maxLength: 12 })
    const rows = fc.array(anyRow, { minLength: 20, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(expressions, rows, async (given, values) => {
        const plan = planOf(given)
        expect(inProcess(plan, values)).toEqual(await inWarehouse(plan, values))
      }),
      { numRuns: runsOf(60), endOnFailure: true },
    )
  },
)

function planOf(
  expressions: readonly Pick<ExpressionsPlan['features'][number], 'expression' | 'type'>[],
): ExpressionsPlan {
  return {
    kind: 'expressions',
    name: 'twin',
    inputs: [],
    request: Object.entries(columnTypes).map(([name, type]) => ({ name, type, nullable: true, checks: [] })),
    features: expressions.map((expression, i) => ({ ...expression, name: `x${i}`, nullable: true })),
    hash: '',
  }
}

function inProcess(plan: ExpressionsPlan, rows: readonly Row[]): readonly (readonly FeatureValue[])[] {
  const compute = expressionsComputation(plan)
  return rows.map((row) => {
    const given = plan.request.map(({ name, type }) => {
      const value = row[name] ?? null
      return typeof type === 'object' ? value : valueOf(value, type)
    })
    return compute(given).map((value, i) => positive(storedOf(value, plan.features[i]?.type ?? 'double')))
  })
}

/** Zero has no sign in SQL. */
function positive(value: FeatureValue): FeatureValue {
  return value === 0 ? 0 : value
}

async function inWarehouse(plan: ExpressionsPlan, rows: readonly Row[]): Promise<readonly (readonly FeatureValue[])[]> {
  return warehouse.session(async (session) => {
    const batch = columnBatch({
      spine_row: { type: 'integer', values: rows.map((_, row) => row) },
      ...Object.fromEntries(
        plan.request.map(({ name, type }) => [
          name,
          { type, values: rows.map((row) => row[name] ?? null) } as ColumnInput,
        ]),
      ),
    })
    const definitions = batch.names.map(
      (name, i) => sql`${sql.id(name)} ${session.leaves.columnType(batch.columns[i]?.type ?? 'text')}`,
    )
    await session.run(sql`CREATE OR REPLACE TEMPORARY TABLE twin_rows (${sql.join(definitions)})`)
    await session.append('twin_rows', batch)
    const input = (name: string) =>
      requestSql(session.leaves, { name, type: typeOf(name), nullable: true, checks: [] }, undefined)
    const values = [...onDemandSql(session.leaves, plan, input)].map(
      ([name, value]) => sql`${value} AS ${sql.id(name)}`,
    )
    const found = await session.read(sql`SELECT ${sql.join(values)} FROM twin_rows s ORDER BY s.spine_row`)
    return rows.map((_, row) =>
      found.columns.map((column, i) => storedIn(column, row, plan.features[i]?.type ?? 'double')),
    )
  })
}

function storedIn(column: ColumnVector, row: number, type: ExpressionsPlan['features'][number]['type']): FeatureValue {
  if (column.nulls?.[row] === 1) return null
  const value = column.values[row] ?? null
  if (typeof column.type === 'object') return storedOf(value, column.type)
  if (typeof type === 'object' || column.type === 'double') return positive(Number(value))
  if (type === 'bigint') return BigInt(value ?? 0)
  return type === 'boolean' ? value === 1 : type === 'integer' ? Number(value) : value
}
