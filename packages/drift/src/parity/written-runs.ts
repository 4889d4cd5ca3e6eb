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
  const runs = (await listRuns(catalog.db, { view, limit: MOST_RUNS })).filter(({ rows }) => rows > 0)
  return spans(
    session,
    runs.map((run) => ({
      id: run.id,
      instant: run.finished_at === null ? NEVER : toMicros(run.finished_at),
      from: run.from_time === null ? null : toMicros(run.from_time),
      to: run.to_time === null ? null : toMicros(run.to_time),
    })),
    'ended',
  )
}

/**
 * A temporary table of what had been published of a view: `began`, when the newest run began that had ended between
 * `from_time` and `to_time`, instants of which the last is exclusive.
 */
export async function publishedRuns(session: Warehouse, catalog: Catalog, view: string): Promise<string> {
  const runs = (await listRuns(catalog.db, { view, limit: MOST_RUNS }))
    .flatMap((run) =>
      run.outcome !== 'succeeded' || run.published === null || run.started_at === null || run.finished_at === null
        ? []
        : [{ id: run.id, began: toMicros(run.started_at), ended: toMicros(run.finished_at) }],
    )
    .toSorted((a, b) => (a.ended < b.ended ? -1 : a.ended > b.ended ? 1 : 0))
  let newest = 0n
  const known = runs.map(({ id, began, ended }, i) => {
    if (began > newest) newest = began
    return { id, instant: newest, from: ended, to: runs[i + 1]?.ended ?? NEVER }
  })
  return spans(session, known, 'began')
}

interface Span {
  readonly id: string
  readonly instant: bigint
  readonly from: bigint | null
  readonly to: bigint | null
}

async function spans(session: Warehouse, rows: readonly Span[], instant: string): Promise<string> {
  const table = temporaryTableName('parity_runs')
  await ensureTable(session, {
    table,
    temporary: true,
    columns: [
      { name: 'run_id', type: 'text' },
      { name: instant, type: 'timestamp' },
      { name: 'from_time', type: 'timestamp' },
      { name: 'to_time', type: 'timestamp' },
    ],
  })
  if (rows.length > 0)
    await session.append(
      table,
      columnBatch({
        run_id: { type: 'text', values: rows.map(({ id }) => id) },
        [instant]: { type: 'timestamp', values: rows.map((row) => row.instant) },
        from_time: { type: 'timestamp', values: rows.map(({ from }) => from) },
        to_time: { type: 'timestamp', values: rows.map(({ to }) => to) },
      }),
    )
  return table
}
