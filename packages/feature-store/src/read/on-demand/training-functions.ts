import {
  MartletError,
  sql,
  type ColumnBatch,
  type ColumnVector,
  type RunOptions,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import type { CheckedSpine } from '../../compile/keyed-spine.ts'
import { temporaryPrefix } from '../../compile/temporary-tables.ts'
import type { CompiledTraining, FunctionColumns } from '../../compile/training-sql.ts'
import type { Computation } from '../../on-demand/computation.ts'
import type { FunctionPlan } from '../../plan/on-demand-plan.ts'
import type { Value } from '../../vocabulary/algebra/value.ts'
import { valueIn, vectorWriter, type VectorWriter } from './vector-values.ts'

/** So many rows are in memory at once. */
const BATCH_ROWS = 20_000

interface Work {
  readonly computations: (plan: FunctionPlan) => Computation
  readonly run: RunOptions
  /** Runs a step and reports it. */
  readonly around: (step: number, name: string, work: () => Promise<void>) => Promise<void>
}

/**
 * Runs the functions of a training set over its rows, a batch at a time, and returns the query of all columns. A
 * training set without functions is the query that it was.
 */
export async function computeFunctions(
  session: Warehouse,
  compiled: CompiledTraining,
  spine: CheckedSpine,
  { computations, run, around }: Work,
): Promise<Sql> {
  if (compiled.functions.length === 0) return compiled.query
  const prefix = temporaryPrefix()
  const joined = sql.id(`${prefix}_joined`)
  await session.run(sql`CREATE TEMPORARY TABLE ${joined} AS ${compiled.query}`, run)
  const computed = new Map<string, Sql>()
  const joins: Sql[] = []
  for (const [i, columns] of compiled.functions.entries()) {
    const table = `${prefix}_computed_${i}`
    await around(i, columns.plan.name, () =>
      computeOne(session, joined, table, spine.rows, columns, computations(columns.plan), run),
    )
    const alias = `c${i}`
    joins.push(sql` LEFT JOIN ${sql.id(table)} ${sql.id(alias)} ON ${sql.id(alias, 'spine_row')} = j.spine_row`)
    for (const { name } of columns.plan.features) computed.set(`${columns.plan.name}__${name}`, sql.id(alias, name))
  }
  const { featureColumns, labelColumns, missingColumns, timeColumns } = compiled
  const made = [...featureColumns, ...labelColumns, ...missingColumns, ...timeColumns]
  const columns = ['spine_row', ...spine.columns, ...made].map(
    (name) => sql`${computed.get(name) ?? sql.id('j', name)} AS ${sql.id(name)}`,
  )
  return sql`SELECT ${sql.join(columns)} FROM ${joined} j${sql.join(joins, sql``)}`
}

async function computeOne(
  session: Warehouse,
  joined: Sql,
  table: string,
  rows: number,
  { plan, reads }: FunctionColumns,
  compute: Computation,
  run: RunOptions,
): Promise<void> {
  const { leaves } = session
  const definitions = plan.features.map(({ name, type }) => sql`${sql.id(name)} ${leaves.columnType(type)}`)
  await session.run(
    sql`CREATE TEMPORARY TABLE ${sql.id(table)} (${sql.join([sql`spine_row ${leaves.columnType('bigint')}`, ...definitions])})`,
    run,
  )
  const columns = sql.join([sql`spine_row`, ...reads.map((name) => sql.id(name))])
  for (let from = 0; from < rows; from += BATCH_ROWS) {
    const batch = await session.read(
      sql`
        SELECT ${columns} FROM ${joined}
        WHERE spine_row >= ${sql.lit(from)} AND spine_row < ${sql.lit(from + BATCH_ROWS)}
      `,
      run,
    )
    await session.append(table, computedBatch(plan, compute, batch))
  }
}

/** The rows of a batch, computed column by column into new vectors. */
function computedBatch(plan: FunctionPlan, compute: Computation, batch: ColumnBatch): ColumnBatch {
  const [numbers, ...given] = batch.columns
  if (numbers === undefined) throw new Error('a batch of a training set has no row numbers')
  const types = [...plan.inputs, ...plan.request].map(({ type }) => type)
  const writers = plan.features.map(({ type }) => vectorWriter(type, batch.rows))
  const row: Value[] = types.map(() => null)
  for (let i = 0; i < batch.rows; i++) {
    for (const [place, type] of types.entries()) row[place] = valueIn(given[place], i, type)
    writeRow(writers, computedRow(compute, row, numbers, i), i)
  }
  return {
    rows: batch.rows,
    names: ['spine_row', ...plan.features.map(({ name }) => name)],
    columns: [numbers, ...writers.map((writer) => writer.vector())],
  }
}

function writeRow(writers: readonly VectorWriter[], values: readonly Value[], i: number): void {
  for (const [place, writer] of writers.entries()) writer.set(i, values[place] ?? null)
}

function computedRow(compute: Computation, row: readonly Value[], numbers: ColumnVector, i: number): readonly Value[] {
  try {
    return compute(row)
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    const number = Number(numbers.values[i])
    const message = `Row ${number} of the spine: ${error.message}`
    throw new MartletError(error.code, message, { data: { ...error.data, row: number }, cause: error })
  }
}
