import { acquireLease, changedJobs, defaultActor, listAttempts, type JobsTable } from '@martlet/feature-store'
import {
  ensureTable,
  MartletError,
  rowsOf,
  sql,
  tableRef,
  waitWhile,
  type Waiting,
  type Warehouse,
} from '@martlet/warehouse'
import { openProject, type Project } from '../../project/project.ts'
import { jobsOf, namesOfProject } from '../project-jobs.ts'
import { jobRows, runRow, sameRow } from './job-rows.ts'
import { addRows, columnList, idsOfRows, jobColumns, jobTables, removeRows, type Row } from './job-tables.ts'
import { askerOf, takeRows, type TakenRow } from './take-rows.ts'

/** Clocks of machines may be so far apart. */
const MARGIN_MS = 3_600_000

export interface SyncedJobs {
  /** Rows of the table that have become jobs. */
  readonly taken: number
  /** Rows that cannot be jobs. */
  readonly refused: number
  /** Jobs whose row was written. */
  readonly written: number
}

/**
 * Takes the rows of `<schema>.jobs` that ask for jobs, and writes there how all jobs are. One process at a time does
 * that; it opens the warehouse for this moment only.
 *
 * @returns undefined when another process is doing it, or has the warehouse open
 */
export async function syncJobs(project: Project, schema: string, wait?: Waiting): Promise<SyncedJobs | undefined> {
  const catalog = await project.catalog()
  try {
    const doing = `The table ${schema}.jobs is being brought up to date`
    await using _ = await waitWhile('LEASE_HELD', wait, () =>
      acquireLease(catalog, `jobs of ${schema}`, defaultActor(), doing),
    )
    await using open = openProject(project.config, {
      folder: project.folder,
      ...(wait === undefined ? {} : { wait }),
    })
    return await syncInto(project, await open.warehouse(), schema)
  } catch (error) {
    const code = error instanceof MartletError ? error.code : undefined
    if (wait === undefined && (code === 'LEASE_HELD' || code === 'WAREHOUSE_LOCKED')) return undefined
    throw error
  }
}

/** The same in a warehouse that is open. The caller sees to it that nobody does it at the same time. */
export async function syncInto(project: Project, warehouse: Warehouse, schema: string): Promise<SyncedJobs> {
  for (const { name, columns } of jobTables) await ensureTable(warehouse, { table: `${schema}.${name}`, columns })
  const taken = await takeRows(warehouse, schema, await jobsOf(project), () => namesOfProject(project))
  const [newest] = rowsOf<{ ended: Date | null }>(
    await warehouse.read(sql`SELECT MAX(ended_at) AS ended FROM ${tableRef(`${schema}.jobs`)}`),
  )
  const since = newest?.ended == null ? undefined : newest.ended.getTime() - MARGIN_MS
  const ids = taken.flatMap(({ job }) => ('id' in job ? [job.id] : []))
  const jobs = await changedJobs(await project.catalog(), since, ids)
  const known = await knownRows(warehouse, schema, since)
  for (const { row, job } of taken) if ('id' in job) known.set(job.id, row)
  // Their rows were not looked at this time, though a process has made jobs of them before it died.
  const asked = jobs.flatMap(({ id, requested_by: by, idempotency_key: key }) =>
    by === askerOf(schema) && key !== null && !known.has(id) ? [key] : [],
  )
  const waiting = await idsOfRows(warehouse, schema, 'without a state', asked)
  const changed = jobs.flatMap((job) => {
    const before = known.get(job.id)
    if (before === undefined && isAskedBy(job, schema, waiting)) return []
    const rows = jobRows(job, schema, before)
    return before !== undefined && sameRow(rows.job, before) ? [] : [{ job, rows, before }]
  })
  if (changed.length > 0 || taken.length > 0) await write(project, warehouse, schema, changed, taken)
  return {
    taken: taken.filter(({ job }) => 'id' in job && job.created).length,
    refused: taken.filter(({ job }) => 'refused' in job).length,
    written: changed.length,
  }
}

function isAskedBy(
  { requested_by: by, idempotency_key: key }: JobsTable,
  schema: string,
  ids: ReadonlySet<string>,
): boolean {
  return by === askerOf(schema) && key !== null && ids.has(key)
}

/** The rows of jobs that may have changed, by the id of their job. */
async function knownRows(warehouse: Warehouse, schema: string, since: number | undefined): Promise<Map<string, Row>> {
  const instant = warehouse.leaves.columnType('timestamp')
  const text = since === undefined ? '' : new Date(since).toISOString().slice(0, 23).replace('T', ' ')
  const newer = since === undefined ? sql`` : sql` OR ended_at >= CAST(${text} AS ${instant})`
  const rows = rowsOf<Row>(
    await warehouse.read(sql`
      SELECT ${columnList(jobColumns)}
      FROM ${tableRef(`${schema}.jobs`)}
      WHERE job_id IS NOT NULL AND (state IN ('queued', 'running')${newer})
    `),
  )
  return new Map(rows.map((row) => [String(row['job_id']), row]))
}

interface Changed {
  readonly job: JobsTable
  readonly rows: ReturnType<typeof jobRows>
  readonly before: Row | undefined
}

async function write(
  project: Project,
  warehouse: Warehouse,
  schema: string,
  changed: readonly Changed[],
  taken: readonly TakenRow[],
): Promise<void> {
  const ids = changed.map(({ job }) => job.id)
  const attempts = await listAttempts(await project.catalog(), ids)
  const refused = taken.flatMap(({ row, job }) =>
    'refused' in job ? [{ ...row, state: 'refused', error: job.refused, ended_at: new Date() }] : [],
  )
  const replaced = changed.flatMap(({ job, before }) => (before === undefined ? [] : [{ id: job.id, before }]))
  const shown = replaced.flatMap(({ id, before }) => (before['state'] === null ? [] : [id]))
  const looked = new Set(taken.map(({ row }) => String(row['id'])))
  const expected = replaced.length + refused.length
  await warehouse.transaction(async (inside) => {
    const removed =
      (await removeRows(inside, `${schema}.jobs`, 'job_id', shown)) +
      (await removeRows(inside, `${schema}.jobs`, 'id', [...looked], sql` AND state IS NULL`))
    if (removed !== expected)
      throw new MartletError(
        'JOB_ROW_INVALID',
        `${schema}.jobs has ${removed} rows with the ids of ${expected} jobs. Give every row an id of its own.`,
        { data: { schema, removed, expected } },
      )
    for (const { name } of jobTables.slice(1)) await removeRows(inside, `${schema}.${name}`, 'job_id', ids)
    const add = (table: (typeof jobTables)[number]['name'], rows: readonly Row[]): Promise<void> =>
      addRows(inside, `${schema}.${table}`, jobTables.find(({ name }) => name === table)?.columns ?? [], rows)
    await add('jobs', [...changed.map(({ rows }) => rows.job), ...refused])
    await add('job_runs', attempts.map(runRow))
    await add(
      'job_artifacts',
      changed.flatMap(({ rows }) => rows.artifacts),
    )
    await add(
      'job_measures',
      changed.flatMap(({ rows }) => rows.measures),
    )
  })
}
