import { checkedJob, checkJobNames, type AskedJob, type JobNames, type JobQueue, Problem } from '@martlet/serving'
import { MartletError, rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import { columnList, idsOfRows, jobColumns, type Row } from './job-tables.ts'

/** Who asks for the jobs of a table, as far as the catalog knows. */
export const askerOf = (schema: string): string => `table:${schema}.jobs`

/** Rows that are looked at in one go. */
const MOST = 1000

/** The longest id of a row, so that it can be an idempotency key. */
const LONGEST_ID = 200

export interface TakenRow {
  readonly row: Row
  /** The job, or why there is none. */
  readonly job: { readonly id: string; readonly created: boolean } | { readonly refused: string }
}

/**
 * Asks for the jobs of rows that have no state yet, each once: the id of a row is the idempotency key of its job. Rows
 * for which there is no room in the queue stay as they are.
 */
export async function takeRows(
  warehouse: Warehouse,
  schema: string,
  queue: JobQueue,
  names: () => Promise<JobNames>,
): Promise<readonly TakenRow[]> {
  const rows = rowsOf<Row>(
    await warehouse.read(sql`
      SELECT ${columnList(jobColumns)}
      FROM ${tableRef(`${schema}.jobs`)}
      WHERE state IS NULL
      ORDER BY COALESCE(priority, 0) DESC, created_at NULLS LAST, id
      LIMIT ${sql.lit(MOST)}
    `),
  )
  if (rows.length === 0) return []
  const known = await names()
  const twice = new Set(rows.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) < at))
  const others = await idsOfRows(warehouse, schema, 'with a state', [...new Set(rows.map(({ id }) => String(id)))])
  const taken: TakenRow[] = []
  for (const row of rows) {
    try {
      if (others.has(String(row['id'])))
        throw new MartletError('JOB_ROW_INVALID', 'Its id is that of another row, which was there before.')
      if (twice.has(row['id'] ?? null)) throw new MartletError('JOB_ROW_INVALID', `There are several rows with its id.`)
      taken.push({ row, job: await take(row, schema, queue, known) })
    } catch (error) {
      if (!(error instanceof MartletError) || !isOfRow(error)) throw error
      if (error.code === 'JOB_QUEUE_FULL') break
      taken.push({ row, job: { refused: `${error.code}: ${error.message}` } })
    }
  }
  return taken
}

/** Whether the row is wrong, and not, say, the registry away for a moment. */
function isOfRow(error: MartletError): boolean {
  return error.code.startsWith('JOB_') || (error instanceof Problem && error.status < 500)
}

async function take(
  row: Row,
  schema: string,
  queue: JobQueue,
  names: JobNames,
): Promise<{ readonly id: string; readonly created: boolean }> {
  const id = String(row['id'])
  if (id.length > LONGEST_ID)
    throw new MartletError('JOB_ROW_INVALID', `Its id has more than ${LONGEST_ID} characters.`)
  const given = argumentsOf(row['input'])
  const asked = checkedRow(row, given, queue)
  await checkJobNames(asked, names)
  const priority = row['priority']
  const { job, created } = await queue.submit({
    ...asked,
    by: askerOf(schema),
    idempotencyKey: id,
    ...(priority === null || priority === undefined ? {} : { priority: priorityOf(Number(priority)) }),
  })
  return { id: job.id, created }
}

function checkedRow(row: Row, given: unknown, queue: JobQueue): AskedJob {
  try {
    return checkedJob(row['type'], given, queue.limits, queue.known.kinds)
  } catch (cause) {
    if (cause instanceof MartletError) throw cause
    // Such as a stack that is too short for what is nested, or a schema of the project that throws.
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError('JOB_ROW_INVALID', `Its input cannot be checked: ${why}.`, { cause })
  }
}

function argumentsOf(input: Row[string] | undefined): unknown {
  if (input === null || input === undefined) return {}
  try {
    return JSON.parse(String(input))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError('JOB_ROW_INVALID', `Its input is not JSON: ${why}.`, { cause })
  }
}

function priorityOf(priority: number): number {
  if (Math.abs(priority) <= 100) return priority
  throw new MartletError('JOB_ROW_INVALID', `Its priority is ${priority}; it may be from -100 to 100.`)
}
