import { MartletError } from '@martlet/warehouse'

/** What callers can make workers do, and for how long that is remembered. */
export interface JobLimits {
  /** Jobs of one caller that wait or run. @default 100 */
  readonly perCaller: number
  /** Jobs of all callers that wait or run. @default 1000 */
  readonly inAll: number
  /** Bytes of the arguments of a job, as JSON. @default 32768 */
  readonly argumentBytes: number
  /** Seconds that one attempt may take. @default 21600 */
  readonly timeLimit: number
  /** After so many attempts that ended badly a job has failed. @default 3 */
  readonly maxFailures: number
  /** Days for which jobs that have ended are kept. @default 30 */
  readonly keepDays: number
  /** How many jobs that have ended are kept. @default 10000 */
  readonly keepRows: number
}

export const DEFAULT_JOB_LIMITS: JobLimits = {
  perCaller: 100,
  inAll: 1000,
  argumentBytes: 32_768,
  timeLimit: 21_600,
  maxFailures: 3,
  keepDays: 30,
  keepRows: 10_000,
}

/**
 * The limits with defaults filled in.
 *
 * @throws MartletError `INVALID_LIMIT` when a limit is unknown or not a positive whole number
 */
export function jobLimitsOf(given: Partial<JobLimits> = {}): JobLimits {
  for (const [name, value] of Object.entries(given)) {
    const known = Object.keys(DEFAULT_JOB_LIMITS)
    if (!known.includes(name))
      throw new MartletError(
        'INVALID_LIMIT',
        `jobs.${name} is not a limit of jobs. The limits are ${known.join(', ')}.`,
        { data: { name } },
      )
    if (!Number.isSafeInteger(value) || value < 1)
      throw new MartletError('INVALID_LIMIT', `jobs.${name} is ${value}. Give a whole number of at least 1.`, {
        data: { name, value },
      })
  }
  return { ...DEFAULT_JOB_LIMITS, ...given }
}
