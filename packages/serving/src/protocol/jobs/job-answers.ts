import { z } from 'zod'
import { jobArguments } from '../../desk/jobs/job-arguments.ts'
import { JOB_KINDS, JOB_STATES, MOST_PRIORITY, type DeclaredKind } from '../../desk/jobs/job-kinds.ts'
import type { JobSummary } from '../../desk/jobs/job.ts'

export type { JobRequest } from '../../desk/jobs/job-request.ts'
export type { Job, JobSummary } from '../../desk/jobs/job.ts'

export interface JobsAnswer {
  readonly jobs: readonly JobSummary[]
  /** What `after` is for the next page; null: there is none. */
  readonly next: string | null
}

const instant = z.iso.datetime()

const summaryOf = (declared: readonly DeclaredKind[]): Readonly<Record<string, z.ZodType>> => ({
  id: z.string(),
  kind: z.enum([...JOB_KINDS, ...declared.map(({ name }) => name)]),
  arguments: z.union([
    jobArguments.materialize,
    jobArguments['training-set'],
    jobArguments.score,
    jobArguments.drift,
    ...declared.map(({ input }) => input),
  ]),
  state: z.enum(JOB_STATES),
  priority: z.int().meta({ description: 'The higher, the sooner.' }),
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
})

export interface JobSchemas {
  readonly body: z.ZodType
  readonly answer: z.ZodType
  readonly list: z.ZodType
}

/** What the routes take and answer, with the kinds that the project declares. */
export function jobSchemas(declared: readonly DeclaredKind[]): JobSchemas {
  const summary = summaryOf(declared)
  return {
    body: jobBody(declared),
    answer: z.strictObject({
      ...summary,
      progress: z.record(z.string(), z.unknown()).nullable().meta({ description: 'The last event of the command.' }),
      result: z.record(z.string(), z.unknown()).nullable().meta({ description: 'What the command answered.' }),
      log: z.string().nullable().meta({ description: 'The end of what it printed.' }),
    }),
    list: z.strictObject({
      jobs: z.array(z.strictObject(summary)),
      next: z.string().nullable().meta({ description: 'What `after` is for the next page; null: there is none.' }),
    }),
  }
}

export const IDEMPOTENCY_KEY: RegExp = /^[ -~]{1,200}$/

const idempotencyKey = z
  .string()
  .regex(IDEMPOTENCY_KEY)
  .optional()
  .meta({ description: 'A repeated request with the same key is the same job.' })

const priority = z
  .int()
  .min(-MOST_PRIORITY)
  .max(MOST_PRIORITY)
  .optional()
  .meta({ description: 'The higher, the sooner. Left out: that of the kind, mostly 0.' })
const how = { idempotencyKey, priority }

function jobBody(declared: readonly DeclaredKind[]): z.ZodType {
  return z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('materialize'), arguments: jobArguments.materialize.optional(), ...how }),
    z.strictObject({ kind: z.literal('training-set'), arguments: jobArguments['training-set'], ...how }),
    z.strictObject({ kind: z.literal('score'), arguments: jobArguments.score, ...how }),
    z.strictObject({ kind: z.literal('drift'), arguments: jobArguments.drift.optional(), ...how }),
    ...declared.map(({ name, description, input }) => {
      const given = input.safeParse({}).success ? input.optional() : input
      const body = z.strictObject({ kind: z.literal(name), arguments: given, ...how })
      return description === undefined ? body : body.meta({ description })
    }),
  ])
}
