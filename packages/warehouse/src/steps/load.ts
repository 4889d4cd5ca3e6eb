import type { RunOptions, Warehouse } from '../warehouse.ts'
import { pendingParts, type Pending } from './load-parts.ts'
import { loadTables, type LoadStep } from './load-step.ts'
import type { StepName } from './step-error.ts'
import { startOf, type Start } from './start.ts'
import { busy, definitionHash, ensureState } from './step-state.ts'
import { NOTHING, sum, writePart, type LoadCounts, type LoadRun } from './write-part.ts'

export interface LoadOptions extends RunOptions {
  /** Only rows loaded until then, included, in microseconds since the epoch. @default now */
  readonly until?: bigint
  /** Reads everything again. @default false */
  readonly restart?: boolean
  /** The most rows of one transaction, about. @default 4 million on DuckDB; on Snowflake there is no limit */
  readonly chunkRows?: number
  /** Called when it is known how many rows there are, and after every transaction. */
  readonly onProgress?: (progress: LoadProgress) => void
}

export interface LoadProgress {
  readonly load: string
  readonly read: number
  readonly of: number
}

/** What a load would read. */
export interface LoadPlan {
  readonly load: string
  readonly into: string
  /** How many rows were loaded since the last run. */
  readonly rows: number
  /** How many have a loadedAt after the end of the run. */
  readonly later: number
  /** Why everything is read from the beginning; null when it is not. */
  readonly restarted: string | null
  /** Microseconds since the epoch. */
  readonly watermark: bigint | null
}

/** What a load has done: `read` is the sum of the four counts behind it. */
export interface LoadReport {
  readonly load: string
  readonly into: string
  readonly read: number
  readonly inserted: number
  readonly updated: number
  /** Rows that changed nothing, because the target or the batch has the same version or a newer one. */
  readonly unchanged: number
  readonly rejected: number
  /** How many rows lack a column that they must have, by column; a row may lack several. */
  readonly lacking: Readonly<Record<string, number>>
  /** Rows whose loadedAt is after the end of the run, which a later run reads. */
  readonly later: number
  /** Why everything was read from the beginning; null when it was not. */
  readonly restarted: string | null
  /** The newest loadedAt that has been read, in microseconds since the epoch. */
  readonly watermark: bigint | null
}

/** How often a run looks again when others come first. */
const ATTEMPTS = 20

/**
 * Merges the rows that were loaded into a source since the last run into a table, by key: the newest version wins.
 *
 * Rows without a key, a version or a column that the table declares NOT NULL are left out and counted. How far it has read is
 * kept in `loads_internal.steps` and changes with the rows, so a run that was killed is completed by the next one.
 * @throws MartletError BAD_STEP when the step names columns that are not there
 * @throws MartletError TABLE_NOT_FOUND when the target or the source does not exist
 * @throws MartletError STEP_MISFIT when the columns of the source do not fit the target
 * @throws MartletError STEP_QUERY_FAILED when the query fails
 * @throws MartletError STEP_BUSY when another run of the load is under way
 *
 * @example
 * await load(warehouse, {
 *   name: 'shipments', from: { table: 'raw.shipments' }, into: 'staging.shipments',
 *   key: ['shipment_id'], loadedAt: '_loaded_at', newest: 'updated_at',
 * })
 */
export function load(warehouse: Warehouse, step: LoadStep, options: LoadOptions = {}): Promise<LoadReport> {
  return withStep(warehouse, step, async (run) => {
    let counts = NOTHING
    let { restarted } = await startOf(run, run.tables.into, options.restart === true)
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      // Another run that came first has read some of the rows, so what is left is looked up again.
      const start = await startOf(run, run.tables.into, options.restart === true && attempt === 1)
      const pending = await pendingOf(run, start, options)
      const progress = (): void =>
        options.onProgress?.({ load: step.name, read: counts.read, of: Math.max(pending.rows, counts.read) })
      progress()
      const end = await writeParts(run, start, pending, options, (part) => {
        counts = sum(counts, part)
        progress()
      })
      restarted ??= start.restarted
      if (end === undefined) continue
      const { unknown, later } = pending
      const lacking: Readonly<Record<string, number>> = unknown === 0 ? {} : { [run.tables.loadedAt]: unknown }
      const all = sum(counts, { ...NOTHING, read: unknown, rejected: unknown, lacking })
      const unchanged = all.read - all.inserted - all.updated - all.rejected
      return { load: step.name, into: step.into, ...all, unchanged, later, restarted, watermark: end.watermark }
    }
    throw busy(run.step)
  })
}

/**
 * What a load would read, without reading it.
 * @throws MartletError as `load` does
 */
export function planLoad(
  warehouse: Warehouse,
  step: LoadStep,
  options: Pick<LoadOptions, 'until' | 'restart' | 'signal'> = {},
): Promise<LoadPlan> {
  return withStep(warehouse, step, async (run) => {
    const { restarted, watermark } = await startOf(run, run.tables.into, options.restart === true)
    const { rows, later } = await pendingOf(run, { watermark }, { ...options, chunkRows: Infinity })
    return { load: step.name, into: step.into, rows, later, restarted, watermark }
  })
}

function withStep<T>(warehouse: Warehouse, given: LoadStep, work: (run: LoadRun) => Promise<T>): Promise<T> {
  return warehouse.session(async (session) => {
    const step: StepName = { kind: 'load', name: given.name }
    const tables = await loadTables(session, step, given)
    const { key, loadedAt, newest } = tables
    const definition = definitionHash(session, given.from, { into: given.into.toLowerCase(), key, loadedAt, newest })
    return work({ session, step, definition, tables, overlap: given.overlap ?? 0n })
  })
}

function pendingOf(
  { session, step, tables, overlap }: LoadRun,
  { watermark }: Pick<Start, 'watermark'>,
  { until = BigInt(Date.now()) * 1000n, chunkRows = mostRows(session), ...options }: LoadOptions,
): Promise<Pending> {
  const range = { from: watermark === null ? null : watermark + 1n - overlap, to: until + 1n }
  return pendingParts(session, step, tables, range, chunkRows, options)
}

function mostRows({ engine }: Warehouse): number {
  return engine === 'duckdb' ? 4_000_000 : Infinity
}

/** Writes part after part; undefined when another run came first. */
async function writeParts(
  run: LoadRun,
  start: Start,
  { parts }: Pending,
  options: RunOptions,
  written: (counts: LoadCounts) => void,
): Promise<{ readonly watermark: bigint | null } | undefined> {
  await ensureState(run.session, run.step, run.tables.into)
  let { turn, watermark } = start
  for (const part of parts.length === 0 ? [undefined] : parts) {
    const done = await writePart(run, { turn, watermark }, part, options)
    if (done === undefined) return undefined
    turn++
    watermark = done.watermark
    written(done.counts)
  }
  return { watermark }
}
