import { hostname } from 'node:os'
import type { Kysely } from 'kysely'
import { MartletError } from '@martlet/warehouse'
import { clockNow, instantText } from './instant.ts'
import type { CatalogTables, RunOutcome, RunsTable } from './tables.ts'

export interface RunStart {
  readonly id: string
  readonly view: string
  readonly hash: string
  readonly from: bigint | null
  readonly to: bigint | null
  readonly reason: string
  readonly actor: string
}

/** Records the beginning of a run. */
export async function startRun(db: Kysely<CatalogTables>, start: RunStart): Promise<void> {
  await db
    .insertInto('runs')
    .values({
      id: start.id,
      kind: 'materialize',
      view: start.view,
      hash: start.hash,
      from_time: start.from === null ? null : instantText(start.from),
      to_time: start.to === null ? null : instantText(start.to),
      reason: start.reason,
      rows: 0,
      bytes: null,
      published: null,
      seconds: null,
      outcome: 'running',
      error: null,
      started_at: instantText(clockNow()),
      finished_at: null,
      host: hostname(),
      pid: process.pid,
      actor: start.actor,
    })
    .execute()
}

export interface RunEnd {
  readonly published: number | null
  readonly bytes: number | null
  readonly seconds: number
}

/** Adds rows that a run has written, so that its record is right even if it dies. */
export async function countRows(db: Kysely<CatalogTables>, id: string, rows: number): Promise<void> {
  await db
    .updateTable('runs')
    .set((row) => ({ rows: row('rows', '+', rows) }))
    .where('id', '=', id)
    .execute()
}

/** Records the end of a run, which failed if there is an `error`. */
export async function finishRun(db: Kysely<CatalogTables>, id: string, end: RunEnd, error?: unknown): Promise<void> {
  const outcome: RunOutcome = error === undefined ? 'succeeded' : 'failed'
  await db
    .updateTable('runs')
    .set({
      ...end,
      outcome,
      error: error === undefined ? null : errorText(error),
      finished_at: instantText(clockNow()),
    })
    .where('id', '=', id)
    .where('outcome', '=', 'running')
    .execute()
}

/** The runs of one view, or of all, newest first. */
export async function listRuns(
  db: Kysely<CatalogTables>,
  options: { readonly view?: string; readonly limit?: number } = {},
): Promise<readonly RunsTable[]> {
  let query = db
    .selectFrom('runs')
    .selectAll()
    .orderBy('started_at', (order) => order.desc().nullsLast())
    .orderBy('id')
    .limit(options.limit ?? 100)
  if (options.view !== undefined) query = query.where('view', '=', options.view)
  return query.execute()
}

function errorText(error: unknown): string {
  if (error instanceof MartletError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
