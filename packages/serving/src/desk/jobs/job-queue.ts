import {
  cancelJob,
  listJobs,
  readJob,
  removeEndedJobs,
  submitJob,
  type Catalog,
  type JobFilter,
} from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { AskedJob } from './checked-job.ts'
import { jobLimitsOf, type JobLimits } from './job-limits.ts'
import { JOB_KINDS, type DeclaredKind } from './job-kinds.ts'
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
  /** Kinds of jobs beside those of Martlet. */
  readonly kinds: readonly DeclaredKind[]
}

/** A job whose arguments were checked already. */
export type NewJob = AskedJob & {
  readonly by: string
  readonly idempotencyKey?: string
  /** The higher, the sooner. @default that of its kind */
  readonly priority?: number
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
  const { trainingSets = [], monitors = [], kinds = [], now = Date.now } = options
  const isKnown = (kind: string): boolean => [...JOB_KINDS, ...kinds.map(({ name }) => name)].includes(kind)
  const limits = jobLimitsOf(options.limits)
  let added = 0
  return {
    known: { trainingSets, monitors, kinds },
    limits,
    submit: (job) =>
      reaching(async () => {
        const { maxFailures, timeLimit } = limits
        const priority = job.priority ?? kinds.find(({ name }) => name === job.kind)?.priority ?? 0
        const submitted = await submitJob(catalog, { ...job, priority, maxFailures, timeLimit }, limits, now())
        // Without a worker, whoever adds and cancels jobs must not fill the catalog.
        if (submitted.created && ++added % SWEEP_EVERY === 0)
          await removeEndedJobs(catalog, { days: limits.keepDays, rows: limits.keepRows }, now())
        return { job: jobOf(submitted.job), created: submitted.created }
      }),
    list: (filter) =>
      reaching(async () => (await listJobs(catalog, filter)).filter(({ kind }) => isKnown(kind)).map(jobSummaryOf)),
    get: (id) =>
      reaching(async () => {
        const row = await readJob(catalog, id)
        return row === undefined || !isKnown(row.kind) ? undefined : jobOf(row)
      }),
    cancel: (id, by) =>
      reaching(async () => {
        const row = await cancelJob(catalog, id, by, now())
        return row === undefined || !isKnown(row.kind) ? undefined : jobOf(row)
      }),
  }
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
