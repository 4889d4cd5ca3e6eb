import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf, textsOf } from '../count/numbers-of.ts'
import { binEdges, EDGE_LEVELS, type BinEdges } from '../count/bin-edges.ts'
import { interpolate } from './interpolate.ts'
import { measuredColumn } from '../count/measured-column.ts'
import type { NumberFacts } from './number-profile.ts'
import type { ProfiledColumn } from './reference-profile.ts'
import { fromRelation, type Relation } from '../count/relation.ts'

export interface NumberEdges {
  readonly bins: BinEdges
  readonly facts: NumberFacts
}

/** Columns per statement: each is sorted on its own, so more of them would only need more memory at once. */
const COLUMNS_PER_STATEMENT = 8

/**
 * Finds the bin edges of number columns in the warehouse, in the order given.
 *
 * Quantiles are exact: each column is sorted, and the rows around each quantile are read. (DuckDB's own list of a hundred
 * quantiles takes five times as long, and its interpolation differs from numpy's in the last digits.)
 */
export async function numberEdges(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly ProfiledColumn[],
): Promise<readonly NumberEdges[]> {
  const origins = await findOrigins(warehouse, relation, columns)
  const values = columns.map(
    ({ name, type }, index) => measuredColumn(warehouse.leaves, type, sql.id(name), origins[index] ?? null).value,
  )
  const found: NumberEdges[] = []
  for (let start = 0; start < columns.length; start += COLUMNS_PER_STATEMENT) {
    const batch = values.slice(start, start + COLUMNS_PER_STATEMENT)
    const summaries = await summarize(warehouse, relation, batch)
    const sorted = await valuesAt(
      warehouse,
      relation,
      batch,
      summaries.map(({ count }) => wantedPositions(count)),
    )
    for (const [index, { count, ...facts }] of summaries.entries()) {
      const at = sorted[index] ?? new Map<number, number>()
      const quantiles = count === 0 ? [] : EDGE_LEVELS.map((level) => between(at, (count - 1) * level))
      found.push({
        bins: binEdges(quantiles),
        facts: { ...facts, origin: origins[start + index] ?? null, exactEdges: true },
      })
    }
  }
  return found
}

interface Summary {
  readonly count: number
  readonly minimum: number | null
  readonly maximum: number | null
  readonly mean: number | null
}

async function summarize(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
): Promise<readonly Summary[]> {
  const { leaves } = warehouse
  const columns = values.map((value, index) => sql`${value} AS ${sql.id(`v${index}`)}`)
  const aggregates = values.flatMap((_, index): readonly Sql[] => {
    const value = sql.id(`v${index}`)
    return [leaves.toDouble(sql`COUNT(${value})`), sql`MIN(${value})`, sql`MAX(${value})`, sql`AVG(${value})`]
  })
  const named = aggregates.map((aggregate, index) => sql`${aggregate} AS ${sql.id(`a${index}`)}`)
  const batch = await warehouse.read(
    sql`SELECT ${sql.join(named)} FROM (SELECT ${sql.join(columns)} FROM ${fromRelation(relation)}) AS measured_rows`,
  )
  const cells = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  return values.map((_, index) => {
    const [count = 0, minimum, maximum, mean] = cells.slice(index * 4, index * 4 + 4)
    return { count, minimum: orNull(minimum), maximum: orNull(maximum), mean: orNull(mean) }
  })
}

/** The positions, from 0, of the rows on both sides of each quantile when rows are sorted. */
function wantedPositions(count: number): readonly number[] {
  if (count === 0) return []
  return [...new Set(EDGE_LEVELS.flatMap((level) => [Math.floor((count - 1) * level), Math.ceil((count - 1) * level)]))]
}

async function valuesAt(
  warehouse: Warehouse,
  relation: Relation,
  values: readonly Sql[],
  positions: readonly (readonly number[])[],
): Promise<readonly ReadonlyMap<number, number>[]> {
  const { leaves } = warehouse
  const branches = values.flatMap((value, index): readonly Sql[] => {
    const wanted = positions[index] ?? []
    if (wanted.length === 0) return []
    const rows = sql`
      SELECT v, ROW_NUMBER() OVER (ORDER BY v ASC NULLS LAST) - 1 AS r
      FROM (SELECT ${value} AS v FROM ${fromRelation(relation)}) AS measured_rows
      WHERE v IS NOT NULL
    `
    return [
      sql`
        SELECT ${sql.raw(String(index))} AS c, ${leaves.toDouble(sql.raw('r'))} AS r, v
        FROM (${rows}) AS sorted_rows
        WHERE r IN (${sql.raw(wanted.join(', '))})
      `,
    ]
  })
  const found = values.map(() => new Map<number, number>())
  if (branches.length === 0) return found
  const batch = await warehouse.read(sql.join(branches, sql` UNION ALL `))
  const [column = [], position = [], value = []] = batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) found[column[row] ?? 0]?.set(position[row] ?? 0, value[row] ?? 0)
  return found
}

function between(at: ReadonlyMap<number, number>, position: number): number {
  const floor = Math.floor(position)
  return interpolate(at.get(floor) ?? Number.NaN, at.get(Math.ceil(position)) ?? Number.NaN, position - floor)
}

/** Numbers beyond 2^53 are measured as distances from their minimum, so that neighbours stay different. */
async function findOrigins(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly ProfiledColumn[],
): Promise<readonly (string | null)[]> {
  const wide = columns.flatMap((column, index) =>
    column.type === 'bigint' || typeof column.type === 'object' ? [{ column, index }] : [],
  )
  const origins = columns.map((): string | null => null)
  if (wide.length === 0) return origins
  const text = warehouse.leaves.columnType('text')
  const ends = wide.flatMap(({ column: { name } }, index) => [
    sql`CAST(MIN(${sql.id(name)}) AS ${text}) AS ${sql.id(`low${index}`)}`,
    sql`CAST(MAX(${sql.id(name)}) AS ${text}) AS ${sql.id(`high${index}`)}`,
  ])
  const batch = await warehouse.read(sql`SELECT ${sql.join(ends)} FROM ${fromRelation(relation)}`)
  const cells = batch.columns.map((vector) => textsOf(vector)[0] ?? null)
  for (const [position, { index }] of wide.entries()) {
    const low = cells[position * 2] ?? null
    const beyond = [low, cells[position * 2 + 1] ?? null].some(
      (end) => end !== null && Math.abs(Number(end)) >= Number.MAX_SAFE_INTEGER,
    )
    if (beyond) origins[index] = low
  }
  return origins
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
