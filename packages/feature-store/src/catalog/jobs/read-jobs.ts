import type { Catalog } from '../catalog.ts'
import type { JobsTable, JobState } from '../tables.ts'

type Db = Pick<Catalog, 'db'>

export interface JobFilter {
  readonly states?: readonly JobState[]
  readonly kinds?: readonly string[]
  /** Only jobs that were asked for before the one of this id. */
  readonly before?: string
  /** @default 100 */
  readonly limit?: number
}

/** The job of an id; undefined when there is none, or when it was removed. */
export async function readJob({ db }: Db, id: string): Promise<JobsTable | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Jobs, the newest first. */
export async function listJobs({ db }: Db, filter: JobFilter = {}): Promise<readonly JobsTable[]> {
  const { states, kinds, before, limit = 100 } = filter
  let query = db
    .selectFrom('jobs')
    .selectAll()
    .orderBy('id', (order) => order.desc().nullsLast())
    .limit(limit)
  if (states !== undefined) query = query.where('state', 'in', [...states])
  if (kinds !== undefined) query = query.where('kind', 'in', [...kinds])
  if (before !== undefined) query = query.where('id', '<', before)
  return query.execute()
}
