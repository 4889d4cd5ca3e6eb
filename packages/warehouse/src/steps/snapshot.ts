import { MartletError } from '../errors.ts'
import { dropTable } from '../table/ensure-table.ts'
import { tableRef } from '../table/table-name.ts'
import { temporaryTableName } from '../table/temporary-table-name.ts'
import { ddlRollsBack } from '../table/unit-of-work.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import { nameList } from './key-sql.ts'
import * as intervals from './snapshot-sql.ts'
import { snapshotTables, VALID_TO, type SnapshotStep, type SnapshotTables } from './snapshot-step.ts'
import * as versions from './snapshot-versions.ts'
import { startOf, type Start } from './start.ts'
import { stepError, type StepName } from './step-error.ts'
import { inSource } from './step-source.ts'
import { busy, countRows, definitionHash, ensureState, takeTurn, turnOf, wholeAt, writeState } from './step-state.ts'
import { sql, type Sql } from '../sql.ts'

export interface SnapshotOptions extends RunOptions {
  /**
   * When rows end whose key is no longer in the source, and when one begins that is back, in microseconds since the epoch.
   * @default now
   */
  readonly at?: bigint
  /** Only versions loaded until then, included, in microseconds since the epoch. @default now */
  readonly until?: bigint
  /** Reads everything again. @default false */
  readonly restart?: boolean
}

/** What a snapshot would read. */
export interface SnapshotPlan {
  readonly snapshot: string
  readonly into: string
  /** How many versions were loaded since the last run. */
  readonly rows: number
  /** How many have a loadedAt after the end of the run. */
  readonly later: number
  /** Why everything is read from the beginning; null when it is not. */
  readonly restarted: string | null
  /** Microseconds since the epoch. */
  readonly watermark: bigint | null
}

/** What a snapshot has done: `read` and `rejected` count versions, the others intervals. */
export interface SnapshotReport {
  readonly snapshot: string
  readonly into: string
  readonly read: number
  readonly inserted: number
  /** Intervals that end at another instant, or have other values. */
  readonly updated: number
  /** Intervals that are no more, because a version that came late says otherwise. */
  readonly removed: number
  /** Intervals that were looked at and are as they were. */
  readonly unchanged: number
  readonly rejected: number
  /** Rows that ended because their key is no longer in the source. */
  readonly closed: number
  /** How many versions lack a column that they must have, by column; a version may lack several. */
  readonly lacking: Readonly<Record<string, number>>
  /** Versions whose loadedAt is after the end of the run, which a later run reads. */
  readonly later: number
  /** Why everything was read from the beginning; null when it was not. */
  readonly restarted: string | null
  /** The newest loadedAt that has been read, in microseconds since the epoch. */
  readonly watermark: bigint | null
}

interface SnapshotRun {
  readonly session: Warehouse
  readonly step: StepName
  readonly definition: string
  readonly tables: SnapshotTables
  readonly range: (start: Start) => versions.VersionRange
  readonly now: bigint
  readonly options: RunOptions
}

/** How often a run looks again when others come first. */
const ATTEMPTS = 20

/**
 * Keeps the history of a source in a table: a row for every interval in which a version held, from `valid_from` until before
 * `valid_to`, which is null for the one that holds now. Reads what was loaded since the last run; versions may come in any
 * order, and late ones are put where they belong.
 *
 * How far it has read is kept in `loads_internal.steps` and changes with the rows, so a run that was killed changes nothing.
 * @throws MartletError BAD_STEP when the step names columns that are not there
 * @throws MartletError TABLE_NOT_FOUND when the target or the source does not exist
 * @throws MartletError STEP_MISFIT when the columns of the source do not fit the target
 * @throws MartletError STEP_QUERY_FAILED when the query fails
 * @throws MartletError STEP_EMPTY when `deletes` is `close` and the source has no rows at all
 * @throws MartletError STEP_BUSY when another run of the snapshot is under way
 *
 * @example
 * await snapshot(warehouse, {
 *   name: 'customers', from: { table: 'raw.customers' }, into: 'mart.dim_customer',
 *   key: ['customer_id'], at: 'updated_at', loadedAt: '_loaded_at',
 * })
 */
export function snapshot(
  warehouse: Warehouse,
  given: SnapshotStep,
  options: SnapshotOptions = {},
): Promise<SnapshotReport> {
  return withSnapshot(warehouse, given, options, async (run) => {
    await ensureState(run.session, run.step, given.into)
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const report = await attemptOf(run, await startOf(run, run.tables.into, options.restart === true))
      if (report !== undefined) return report
    }
    throw busy(run.step)
  })
}

/**
 * What a snapshot would read, without reading it.
 * @throws MartletError as `snapshot` does
 */
export function planSnapshot(
  warehouse: Warehouse,
  given: SnapshotStep,
  options: Pick<SnapshotOptions, 'until' | 'restart' | 'signal'> = {},
): Promise<SnapshotPlan> {
  return withSnapshot(warehouse, given, options, async (run) => {
    const start = await startOf(run, run.tables.into, options.restart === true)
    const { read, later } = await arrived(run, run.session, start)
    const { restarted, watermark } = start
    return { snapshot: given.name, into: given.into, rows: read, later, restarted, watermark }
  })
}

function withSnapshot<T>(
  warehouse: Warehouse,
  given: SnapshotStep,
  { at, until, restart: _, ...options }: SnapshotOptions,
  work: (run: SnapshotRun) => Promise<T>,
): Promise<T> {
  return warehouse.session(async (session) => {
    const step: StepName = { kind: 'snapshot', name: given.name }
    const tables = await snapshotTables(session, step, given)
    const { key, loadedAt, tracked, deletes } = tables
    const parts = { into: given.into.toLowerCase(), key, at: tables.at, loadedAt, tracked, deletes }
    const now = BigInt(Date.now()) * 1000n
    const overlap = given.overlap ?? 0n
    const range = ({ watermark }: Start): versions.VersionRange => ({
      from: watermark === null ? null : watermark + 1n - overlap,
      to: (until ?? now) + 1n,
    })
    const definition = definitionHash(session, given.from, parts)
    return work({ session, step, definition, tables, range, now: at ?? now, options })
  })
}

interface Arrived {
  readonly read: number
  readonly rejected: number
  readonly later: number
  readonly lacking: Readonly<Record<string, number>>
  readonly last: bigint | null
}

async function arrived({ step, tables, range, options }: SnapshotRun, on: Warehouse, start: Start): Promise<Arrived> {
  const { columns } = await inSource(on, step, tables.source, () =>
    on.read(versions.countVersions(tables, range(start)), options),
  )
  const [read = 0, , rejected = 0, later = 0, ...lacks] = columns.map((column) => Number(wholeAt(column, 0) ?? 0n))
  const lacking = Object.fromEntries(
    [...versions.neededValues(tables).keys()].flatMap((name, index) =>
      lacks[index] === 0 ? [] : [[name, lacks[index] ?? 0]],
    ),
  )
  return { read, rejected, later, lacking, last: wholeAt(columns[1], 0) }
}

/** What the intervals of a run are made of, in temporary tables. */
interface Prepared extends Arrived {
  readonly old: string
  readonly fresh: string
  readonly freshRows: number
  readonly closed: number
  readonly drop: () => Promise<void>
}

/** One run; undefined when another one came first. */
async function attemptOf(run: SnapshotRun, start: Start): Promise<SnapshotReport | undefined> {
  const { session, step, definition, tables, options } = run
  // Where creating a table commits, the intervals are computed before the transaction.
  const early = ddlRollsBack(session) ? undefined : await prepare(run, session, start)
  try {
    return await session.transaction(async (transaction) => {
      await takeTurn(transaction, step)
      if ((await turnOf(transaction, step)) !== start.turn + 1n) return undefined
      const { old, fresh, freshRows, closed, last, drop, ...counts } = early ?? (await prepare(run, transaction, start))
      const removed = await transaction.run(intervals.deleteRemoved(tables, old, fresh), options)
      const before = await countRows(transaction, tables.into)
      const written = await transaction.run(intervals.mergeIntervals(tables, fresh), options)
      const inserted = (await countRows(transaction, tables.into)) - before
      const watermark = last !== null && (start.watermark === null || last > start.watermark) ? last : start.watermark
      await writeState(transaction, step, { into: tables.into, definition, watermark })
      if (early === undefined) await drop()
      return {
        snapshot: step.name,
        into: tables.into,
        ...counts,
        inserted,
        updated: written - inserted,
        removed,
        unchanged: freshRows - written,
        closed,
        restarted: start.restarted,
        watermark,
      }
    })
  } catch (error) {
    throw error instanceof MartletError && error.code === 'TRANSACTION_CONFLICT' ? busy(step, error) : error
  } finally {
    await early?.drop().catch(() => undefined)
  }
}

/** Computes the intervals of every key that may change; temporary tables end with the session or the transaction. */
async function prepare(run: SnapshotRun, on: Warehouse, start: Start): Promise<Prepared> {
  const { step, tables, now, options } = run
  const { key, source, deletes } = tables
  const range = run.range(start)
  const made: string[] = []
  const drop = async (): Promise<void> => {
    for (const table of made) await dropTable(on, table)
  }
  const make = async (purpose: string, rows: Sql): Promise<{ readonly table: string; readonly rows: number }> => {
    const table = temporaryTableName(purpose)
    await inSource(on, step, source, () => on.run(on.leaves.createTableAs(table, rows, { temporary: true }), options))
    return { table, rows: await countRows(on, table) }
  }
  const counts = await arrived(run, on, start)
  const keys = (await make('keys', versions.changedKeys(tables, range))).table
  const names = nameList([...key, versions.SINCE])
  const addKeys = (rows: Sql): Promise<number> =>
    on.run(sql`INSERT INTO ${tableRef(keys)} (${names}) SELECT ${names} FROM (${rows}) AS more`, options)
  let vanished: { readonly table: string; readonly rows: number } | undefined
  if (deletes === 'close') {
    await inSource(on, step, source, () => addKeys(versions.returnedKeys(tables, keys, range.to)))
    vanished = await make('vanished', versions.vanishedKeys(tables, now))
    if (vanished.rows > 0) await expectRows(run, on)
    await addKeys(sql`SELECT ${names} FROM ${tableRef(vanished.table)} AS v`)
  }
  const old = (await make('old', versions.oldRows(tables, keys))).table
  const found = (await make('versions', versions.sourceVersions(tables, keys, range.to))).table
  const happened = await make(
    'events',
    intervals.eventRows(tables, { versions: found, old, vanished: vanished?.table }),
  )
  await on.run(intervals.returnedVersions(tables, happened.table, found, now), options)
  const fresh = await make('intervals', intervals.intervals(tables, happened.table))
  return { ...counts, old, fresh: fresh.table, freshRows: fresh.rows, closed: vanished?.rows ?? 0, drop }
}

/** A source without any row is more likely broken than everybody gone. */
async function expectRows({ step, tables, options }: SnapshotRun, on: Warehouse): Promise<void> {
  const { rows } = await on.read(versions.anyRow(tables), options)
  if (rows > 0) return
  throw stepError(
    'STEP_EMPTY',
    step,
    `what it reads has no rows at all, which would end every row of ${tables.into} that has no ${VALID_TO}. Look at the ` +
      "source, or leave `deletes: 'close'` out.",
    { into: tables.into },
  )
}
