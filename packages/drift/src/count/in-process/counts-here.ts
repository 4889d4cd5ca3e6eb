import { availableParallelism } from 'node:os'
import type { Warehouse } from '@martlet/warehouse'
import type { OpenSource } from '../scan-source.ts'

/** Statements take six times the processor time, but use all cores, where counting here is one core's work. */
const MOST_CORES = 8

/** Whether numbers are counted in this process: DuckDB is in it too, each row counts as one, and cores are few. */
export function countsHere(
  { engine }: Pick<Warehouse, 'engine'>,
  { weight }: OpenSource,
  cores: number = availableParallelism(),
): boolean {
  return engine === 'duckdb' && weight === undefined && cores <= MOST_CORES
}
