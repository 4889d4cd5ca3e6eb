import { sql } from 'kysely'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { numbersOf, textsOf } from '../compare/numbers-of.ts'
import { binEdges, edgeLevels } from './bin-edges.ts'
import type { BinEdges } from './bin-edges.ts'
import { measuredColumn } from './measured-column.ts'
import type { NumberFacts } from './number-profile.ts'
import type { ProfiledColumn } from './reference-profile.ts'
import { fromRelation } from './relation.ts'
import type { Relation } from './relation.ts'

export interface NumberEdges {
  readonly bins: BinEdges
  readonly facts: NumberFacts
}

/** Columns whose quantiles are taken by one statement. */
const columnsPerStatement = 16

/** Finds the bin edges of number columns in the warehouse, in the order given. */
export async function numberEdges(warehouse: Warehouse, relation: Relation, columns: readonly ProfiledColumn[]): Promise<readonly NumberEdges[]> {
  const origins = await findOrigins(warehouse, relation, columns)
  const found: NumberEdges[] = []
  for (let start = 0; start < columns.length; start += columnsPerStatement) {
    const batch = columns.slice(start, start + columnsPerStatement)
    found.push(...(await edgesOf(warehouse, relation, batch, origins.slice(start, start + columnsPerStatement))))
  }
  return found
}

async function edgesOf(warehouse: Warehouse, relation: Relation, columns: readonly ProfiledColumn[], origins: readonly (string | null)[]): Promise<readonly NumberEdges[]> {
  const { leaves } = warehouse
  const values = columns.map(({ name, type }, index) => sql`${measuredColumn(leaves, type, sql.id(name), origins[index] ?? null).value} AS ${sql.id(`v${index}`)}`)
  const aggregates = columns.flatMap((_, index): readonly Sql[] => {
    const value = sql.id(`v${index}`)
    return [sql`MIN(${value})`, sql`MAX(${value})`, sql`AVG(${value})`, ...leaves.quantiles(value, edgeLevels)]
  })
  const named = aggregates.map((aggregate, index) => sql`${aggregate} AS ${sql.id(`a${index}`)}`)
  const batch = await warehouse.read(sql`SELECT ${sql.join(named)} FROM (SELECT ${sql.join(values)} FROM ${fromRelation(relation)}) AS measured_rows`)
  const cells = batch.columns.map((vector) => numbersOf(vector)[0] ?? Number.NaN)
  const width = 3 + edgeLevels.length
  return columns.map((_, index) => {
    const [minimum, maximum, mean, ...levels] = cells.slice(index * width, (index + 1) * width)
    const bins = binEdges(levels.filter((value) => !Number.isNaN(value)))
    return { bins, facts: { origin: origins[index] ?? null, minimum: orNull(minimum), maximum: orNull(maximum), mean: orNull(mean), exactEdges: true } }
  })
}

/** Numbers beyond 2^53 are measured from their minimum on, so that neighbours stay apart. */
async function findOrigins(warehouse: Warehouse, relation: Relation, columns: readonly ProfiledColumn[]): Promise<readonly (string | null)[]> {
  const wide = columns.flatMap((column, index) => (column.type === 'bigint' || typeof column.type === 'object' ? [{ column, index }] : []))
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
    const beyond = [low, cells[position * 2 + 1] ?? null].some((end) => end !== null && Math.abs(Number(end)) >= Number.MAX_SAFE_INTEGER)
    if (beyond) origins[index] = low
  }
  return origins
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
