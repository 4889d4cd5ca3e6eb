import { listRuns, toMicros, type Catalog } from '@martlet/feature-store'
import { columnBatch, ensureTable, temporaryTableName, type Warehouse } from '@martlet/warehouse'

/** All runs of a view are looked at: which of them wrote a row decides why it changed. */
const MOST_RUNS = 1_000_000
/** When a run ends that has not ended. */
const NEVER = 253_402_300_799_000_000n

/**
 * A temporary table of the runs that wrote a view's feature times: `run_id`, `ended`, `from_time` and `to_time`, instants of
 * which the last is exclusive.
 */
export async function writtenRuns(session: Warehouse, catalog: Catalog, view: string): Promise<string> {
  const table = temporaryTableName('parity_runs')
  const runs = (await listRuns(catalog.db, { view, limit: MOST_RUNS })).filter(({ rows }) => rows > 0)
  await ensureTable(session, {
    table,
    temporary: true,
    columns: [
      { name: 'run_id', type: 'text' },
      { name: 'ended', type: 'timestamp' },
      { name: 'from_time', type: 'timestamp' },
      { name: 'to_time', type: 'timestamp' },
    ],
  })
  const instant = (text: string | null, otherwise: bigint | null): bigint | null =>
    text === null ? otherwise : toMicros(text)
  if (runs.length > 0)
    await session.append(
      table,
      columnBatch({
        run_id: { type: 'text', values: runs.map(({ id }) => id) },
        ended: { type: 'timestamp', values: runs.map(({ finished_at: at }) => instant(at, NEVER)) },
        from_time: { type: 'timestamp', values: runs.map(({ from_time: at }) => instant(at, null)) },
        to_time: { type: 'timestamp', values: runs.map(({ to_time: at }) => instant(at, null)) },
      }),
    )
  return table
}
