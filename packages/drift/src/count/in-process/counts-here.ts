import { availableParallelism } from 'node:os'
import type { Warehouse } from '@martlet/warehouse'
import type { OpenSource } from '../scan-source.ts'

/** With more cores, statements are quicker: DuckDB uses all of them, and counting here is one core's work. */
const MOST_CORES = 2

/** Whether numbers are counted in this process: DuckDB is in it too, each row counts as one, and cores are few. */
export function countsHere(
  { engine }: Pick<Warehouse, 'engine'>,
  { weight }: OpenSource,
  cores: number = availableParallelism(),
): boolean {
  return engine === 'duckdb' && weight === undefined && cores <= MOST_CORES
}
