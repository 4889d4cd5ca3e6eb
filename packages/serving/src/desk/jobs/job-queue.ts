import {
  cancelJob,
  listJobs,
  readJob,
  removeEndedJobs,
  submitJob,
  type Catalog,
  type JobFilter,
  type JobsTable,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { JobArguments } from './job-arguments.ts'
import { jobLimitsOf, type JobLimits } from './job-limits.ts'
import type { JobKind } from './job-kinds.ts'
import { jobOf, jobSummaryOf, type Job, type JobSummary } from './job.ts'

/** A training set of the configuration, and the service that it is about. */
export interface KnownTrainingSet {
  readonly name: string
  readonly service: string
}

/** A monitor of the configuration, and what its rows are of. */
export interface KnownMonitor {
  readonly name: string
  readonly service?: string
  readonly view?: string
  readonly model?: string
}

/** What jobs may name beside definitions and models. */
export interface KnownToJobs {
  readonly trainingSets: readonly KnownTrainingSet[]
  readonly monitors: readonly KnownMonitor[]
}

export interface NewJob<K extends JobKind = JobKind> {
  readonly kind: K
  /** Checked already. */
  readonly arguments: JobArguments<K>
  readonly by: string
  readonly idempotencyKey?: string
}

/** Work that was asked for. Workers do it, never the process that has the queue. */
export interface JobQueue {
  readonly known: KnownToJobs
  readonly limits: JobLimits
  /**
   * Adds a job, or finds the one that the caller has added with the same idempotency key.
   *
   * @throws MartletError `JOB_KEY_REUSED` or `JOB_QUEUE_FULL`
   */
  submit(job: NewJob): Promise<{ readonly job: Job; readonly created: boolean }>
  /** Newest first. */
  list(filter: JobFilter): Promise<readonly JobSummary[]>
  get(id: string): Promise<Job | undefined>
  /** The job afterwards, which may still run for a while; undefined when there is none. */
  cancel(id: string, by: string): Promise<Job | undefined>
}

export interface JobQueueOptions extends Partial<KnownToJobs> {
  readonly limits?: Partial<JobLimits>
  /** Milliseconds since the epoch. @default the clock */
  readonly now?: () => number
}

/** So many jobs are added between two looks at those that have ended. */
const SWEEP_EVERY = 50

/**
 * The jobs of a catalog, in SQLite or on Snowflake.
 *
 * @throws MartletError `INVALID_LIMIT` when a limit is unknown or not a positive whole number
 */
export function catalogJobs(catalog: Pick<Catalog, 'db'>, options: JobQueueOptions = {}): JobQueue {
  const { trainingSets = [], monitors = [], now = Date.now } = options
  const limits = jobLimitsOf(options.limits)
  let added = 0
  return {
    known: { trainingSets, monitors },
    limits,
    submit: (job) =>
      reaching(async () => {
        const { maxFailures, timeLimit } = limits
        const submitted = await submitJob(catalog, { ...job, maxFailures, timeLimit }, limits, now())
        // Without a worker, whoever adds and cancels jobs must not fill the catalog.
        if (submitted.created && ++added % SWEEP_EVERY === 0)
          await removeEndedJobs(catalog, { days: limits.keepDays, rows: limits.keepRows }, now())
        return { job: known(submitted.job), created: submitted.created }
      }),
    list: (filter) => reaching(async () => (await listJobs(catalog, filter)).flatMap((row) => jobSummaryOf(row) ?? [])),
    get: (id) =>
      reaching(async () => {
        const row = await readJob(catalog, id)
        return row === undefined ? undefined : jobOf(row)
      }),
    cancel: (id, by) =>
      reaching(async () => {
        const row = await cancelJob(catalog, id, by, now())
        return row === undefined ? undefined : jobOf(row)
      }),
  }
}

function known(row: JobsTable): Job {
  const job = jobOf(row)
  if (job === undefined) throw new Error(`job ${row.id} has the kind ${row.kind}`)
  return job
}

/** Failures of the catalog are not the caller's. */
async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof MartletError && cause.code.startsWith('JOB_')) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MartletError('CATALOG_UNREADABLE', `The jobs of the catalog cannot be reached: ${reason}`, { cause })
  }
}
