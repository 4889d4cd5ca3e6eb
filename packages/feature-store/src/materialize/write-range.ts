import { replaceRange, sql, stageRows, unitOfWork, type Warehouse } from '@martlet/warehouse'
import { gridInstants } from '../plan/time/grid.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { clusterColumns } from './feature-table.ts'
import type { CompileRows, MaterializeOptions } from './options.ts'

export interface Chunk {
  readonly from: bigint
  readonly to: bigint
}

export interface ChunkWriter {
  readonly warehouse: Warehouse
  readonly view: ViewPlan
  readonly table: string
  readonly run: string
  readonly compile: CompileRows
  readonly prepare: MaterializeOptions['prepare']
  /** Runs on the connection of a chunk after its rows have been written; on DuckDB in the chunk's transaction. */
  readonly written?: ((warehouse: Warehouse, view: ViewPlan, chunk: Chunk) => Promise<void>) | undefined
  readonly signal: AbortSignal
}

/** Splits `[from, to)` into ranges of one length. */
export function* chunks(from: bigint, to: bigint, span: bigint): Generator<Chunk> {
  for (let start = from; start < to; start += span) yield { from: start, to: start + span < to ? start + span : to }
}

/** Replaces all rows of one range or none, and returns how many it now has. */
export async function writeChunk(writer: ChunkWriter, chunk: Chunk): Promise<number> {
  const { view, signal } = writer
  // Ranges are cut by time, so a local grid may have no instant in one of them.
  if (gridInstants(stepsOf(view), chunk.from, chunk.to).length === 0) return 0
  return unitOfWork(writer.warehouse, async (warehouse) => {
    await writer.prepare?.(warehouse, view, chunk)
    const { prepare, query, cleanup } = writer.compile(warehouse, view, chunk)
    for (const statement of prepare) await warehouse.run(statement, { signal })
    const { inserted } = await replaceRange(
      warehouse,
      {
        ...chunk,
        table: writer.table,
        column: 'feature_time',
        rows: await stageRows(warehouse, sql`SELECT q.*, ${sql.lit(writer.run)} AS run_id FROM (${query}) q`, {
          signal,
        }),
        orderBy: clusterColumns(view).map((name) => sql.id(name)),
      },
      { signal },
    )
    for (const statement of cleanup) await warehouse.run(statement, { signal })
    await writer.written?.(warehouse, view, chunk)
    return inserted
  })
}
