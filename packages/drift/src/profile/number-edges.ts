import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { textsOf } from '../count/numbers-of.ts'
import { binEdges, EDGE_LEVELS, type BinEdges } from '../count/bin-edges.ts'
import { ranksByCells, type ColumnRanks } from './column-ranks.ts'
import { ranksBySorting } from './sorted-ranks.ts'
import { weighedLevels } from './weighed-ranks.ts'
import { interpolate } from './interpolate.ts'
import { measuredColumn } from '../count/measured-column.ts'
import type { NumberFacts } from './number-profile.ts'
import type { ProfiledColumn } from './reference-profile.ts'
import { fromRelation, type Relation } from '../count/relation.ts'

export interface NumberEdges {
  readonly bins: BinEdges
  readonly facts: NumberFacts
}

/**
 * Finds the bin edges of number columns in the warehouse, in the order given; by weight, where rows have one.
 *
 * Quantiles are exact: the rows on both sides of each are read, by sorting each column or, on DuckDB, the few rows near to
 * them. (DuckDB's own list of a hundred quantiles takes five times as long as sorting, and its interpolation differs from
 * numpy's in the last digits.)
 */
export async function numberEdges(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly ProfiledColumn[],
  origins: readonly (string | null)[],
  weight?: Sql,
): Promise<readonly NumberEdges[]> {
  const values = columns.map(
    ({ name, type }, index) => measuredColumn(warehouse.leaves, type, sql.id(name), origins[index] ?? null).value,
  )
  if (weight !== undefined) {
    const levels = await weighedLevels(warehouse, relation, values, weight)
    return levels.map(({ quantiles, minimum, maximum }, index) => ({
      bins: binEdges(quantiles),
      facts: { minimum, maximum, origin: origins[index] ?? null, exactEdges: true },
    }))
  }
  const read = warehouse.engine === 'duckdb' ? ranksByCells : ranksBySorting
  const ranks = await read(warehouse, relation, values)
  return ranks.map((some, index) => edgesOf(some, origins[index] ?? null))
}

/** The edges of a column whose ranks are known. */
export function edgesOf({ count, minimum, maximum, at }: ColumnRanks, origin: string | null): NumberEdges {
  const quantiles = EDGE_LEVELS.map((level) => between(at, (count - 1) * level))
  return {
    bins: binEdges(count === 0 ? [] : quantiles),
    facts: { minimum, maximum, origin, exactEdges: true },
  }
}

function between(at: ReadonlyMap<number, number>, position: number): number {
  const floor = Math.floor(position)
  return interpolate(at.get(floor) ?? Number.NaN, at.get(Math.ceil(position)) ?? Number.NaN, position - floor)
}

/** Numbers beyond 2^53 are measured as distances from their minimum, so that neighbours stay different. */
export async function findOrigins(
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
