import { z } from 'zod'
import { jobArguments } from '../../desk/jobs/job-arguments.ts'
import { JOB_KINDS, JOB_STATES } from '../../desk/jobs/job-kinds.ts'
import type { Job, JobSummary } from '../../desk/jobs/job.ts'

export type { JobRequest } from '../../desk/jobs/job-request.ts'
export type { Job, JobSummary } from '../../desk/jobs/job.ts'

export interface JobsAnswer {
  readonly jobs: readonly JobSummary[]
  /** What `after` is for the next page; null: there is none. */
  readonly next: string | null
}

const instant = z.iso.datetime()

const summary = {
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  arguments: z.union([jobArguments.materialize, jobArguments['training-set'], jobArguments.score, jobArguments.drift]),
  state: z.enum(JOB_STATES),
  attempts: z.int().meta({ description: 'How often a worker began it.' }),
  failures: z
    .int()
    .meta({ description: 'How often it ended badly; with the last one of `maxFailures` it has failed.' }),
  maxFailures: z.int(),
  timeLimit: z.number().meta({ description: 'Seconds that one attempt may take.' }),
  cancelledBy: z.string().nullable().meta({ description: 'While it still runs, it is being stopped.' }),
  requestedBy: z.string(),
  idempotencyKey: z.string().nullable(),
  createdAt: instant,
  notBefore: instant.meta({ description: 'No attempt begins before this.' }),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  error: z
    .strictObject({ code: z.string().nullable(), message: z.string(), exitCode: z.int().nullable() })
    .nullable()
    .meta({ description: 'Of the last attempt that failed.' }),
}

export const jobAnswer: z.ZodType<Job> = z.strictObject({
  ...summary,
  progress: z.record(z.string(), z.unknown()).nullable().meta({ description: 'The last event of the command.' }),
  result: z.record(z.string(), z.unknown()).nullable().meta({ description: 'What the command answered.' }),
  log: z.string().nullable().meta({ description: 'The end of what it printed.' }),
})

export const jobsAnswer: z.ZodType<JobsAnswer> = z.strictObject({
  jobs: z.array(z.strictObject(summary)),
  next: z.string().nullable().meta({ description: 'What `after` is for the next page; null: there is none.' }),
})

export const IDEMPOTENCY_KEY: RegExp = /^[ -~]{1,200}$/

const idempotencyKey = z
  .string()
  .regex(IDEMPOTENCY_KEY)
  .optional()
  .meta({ description: 'A repeated request with the same key is the same job.' })

export const jobBody: z.ZodType = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('materialize'), arguments: jobArguments.materialize.optional(), idempotencyKey }),
  z.strictObject({ kind: z.literal('training-set'), arguments: jobArguments['training-set'], idempotencyKey }),
  z.strictObject({ kind: z.literal('score'), arguments: jobArguments.score, idempotencyKey }),
  z.strictObject({ kind: z.literal('drift'), arguments: jobArguments.drift.optional(), idempotencyKey }),
])
