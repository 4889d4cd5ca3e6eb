import { sql, type Warehouse } from '@martlet/warehouse'
import type { BinnedNumbers } from '../count/binned-column.ts'
import { countsHere } from '../count/in-process/counts-here.ts'
import { doublesSql, FiniteNumbers } from '../count/in-process/finite-numbers.ts'
import { NumberTally } from '../count/in-process/number-tally.ts'
import { STREAMED_ROWS } from '../count/in-process/stream-numbers.ts'
import { fromRelation, type Relation } from '../count/relation.ts'
import { scanNumbers, type NumberScan } from '../count/scan-numbers.ts'
import type { OpenSource } from '../count/scan-source.ts'
import { Workbench } from '../kernels/workbench.ts'
import { incompleteProfile } from './incomplete-profile.ts'
import { edgesOf, findOrigins, numberEdges, type NumberEdges } from './number-edges.ts'
import { ranksInMemory } from './ranks-in-memory.ts'
import type { ProfiledColumn } from './reference-profile.ts'

/** A number column of a reference: its edges, and its rows on them. */
export interface ProfiledNumbers extends NumberEdges {
  readonly binned: BinnedNumbers
}

/** The most columns that are in memory at once. */
const MOST_COLUMNS = 32
/** Bytes of all columns that are in memory at once, and of the cells and the near rows of one. */
const MOST_BYTES = 256e6
const BYTES_OF_NUMBER = 8
/** The number of its cell, and once more the number itself, when all rows are near. */
const BYTES_OF_PLACE = 10

/**
 * Measures number columns in the order given: in memory, for which each is read once, where numbers are counted in this process
 * and columns are not too long; otherwise in the warehouse. `source` is of the same rows, and `rows` is about how many there are.
 */
export async function profileNumbers(
  warehouse: Warehouse,
  relation: Relation,
  source: OpenSource,
  columns: readonly ProfiledColumn[],
  rows: number,
  cores?: number,
): Promise<readonly ProfiledNumbers[]> {
  const origins = await findOrigins(warehouse, relation, columns)
  const room = MOST_BYTES - rows * BYTES_OF_PLACE
  const atOnce = Math.min(MOST_COLUMNS, Math.floor(room / (Math.max(1, rows) * BYTES_OF_NUMBER)))
  if (atOnce < 1 || !countsHere(warehouse, source, cores))
    return inWarehouse(warehouse, relation, source, columns, origins)
  using bench = Workbench.take()
  const block = Array.from({ length: Math.min(atOnce, columns.length) }, () => new FiniteNumbers(bench, 1, rows))
  const found: ProfiledNumbers[] = []
  for (let start = 0; start < columns.length; start += block.length) {
    const some = columns.slice(start, start + block.length)
    found.push(...(await inMemory(warehouse, relation, some, origins.slice(start, start + block.length), bench, block)))
  }
  return found
}

async function inMemory(
  warehouse: Warehouse,
  relation: Relation,
  columns: readonly ProfiledColumn[],
  origins: readonly (string | null)[],
  bench: Workbench,
  block: readonly FiniteNumbers[],
): Promise<readonly ProfiledNumbers[]> {
  for (const numbers of block) numbers.clear()
  const values = columns.map(({ name, type }, index) => {
    const value = doublesSql(warehouse.leaves, type, sql.id(name), origins[index] ?? null)
    return sql`${value} AS ${sql.id(`v${index}`)}`
  })
  const query = sql`SELECT ${sql.join(values)} FROM ${fromRelation(relation)}`
  for await (const batch of warehouse.stream(query, { batchRows: STREAMED_ROWS, reuse: true }))
    for (const [index, vector] of batch.columns.entries()) block[index]?.add(vector, null)
  return columns.map((column, index) => {
    const numbers = block[index] ?? incompleteProfile(column.name)
    const edges = edgesOf(ranksInMemory(bench, numbers), origins[index] ?? null)
    const binned = bench.borrow(() => {
      const tally = new NumberTally(bench, scanOf(column, edges), 1)
      tally.add(numbers)
      return tally.windows(numbers)[0]
    })
    return { ...edges, binned: binned ?? incompleteProfile(column.name) }
  })
}

async function inWarehouse(
  warehouse: Warehouse,
  relation: Relation,
  source: OpenSource,
  columns: readonly ProfiledColumn[],
  origins: readonly (string | null)[],
): Promise<readonly ProfiledNumbers[]> {
  const edges = await numberEdges(warehouse, relation, columns, origins, source.weight?.column)
  const scans = columns.map((column, index) => scanOf(column, edges[index] ?? incompleteProfile(column.name)))
  const binned = await scanNumbers(warehouse, source, scans)
  return edges.map((one, index) => ({
    ...one,
    binned: binned[index]?.[0] ?? incompleteProfile(columns[index]?.name ?? ''),
  }))
}

function scanOf({ name, type }: ProfiledColumn, { bins, facts }: NumberEdges): NumberScan {
  return { name, type, origin: facts.origin, edges: bins.edges, centre: bins.median ?? 0 }
}
