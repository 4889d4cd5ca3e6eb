import { isJobKind, MOST_PRIORITY } from '@martlet/serving/job-kinds'
import { z } from 'zod'

const count = z.int().min(1)

const input = z.unknown().superRefine((given, context) => {
  const wrong = (message: string): void => context.addIssue({ code: 'custom', message })
  if (!(given instanceof z.ZodType)) return wrong('must be a schema of zod, such as z.strictObject({ … })')
  try {
    const described = z.toJSONSchema(given, { io: 'input' })
    if (described.type !== 'object') wrong('must be a schema of an object, such as z.strictObject({ … })')
  } catch (error) {
    wrong(`cannot be described as JSON Schema: ${error instanceof Error ? error.message : String(error)}`)
  }
})

const kinds = z.record(
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be a name: lower-case letters, digits and -')
    .refine((name) => !isJobKind(name), 'is the name of a kind of Martlet; use another one'),
  z.strictObject({
    description: z.string().optional(),
    input,
    priority: z.int().min(-MOST_PRIORITY).max(MOST_PRIORITY).optional(),
    run: z.custom((given) => typeof given === 'function', 'must be a function that does the work'),
  }),
)

export const jobsSchema: z.ZodType = z.strictObject({
  perCaller: count.optional(),
  inAll: count.optional(),
  argumentBytes: count.optional(),
  timeLimit: count.optional(),
  maxFailures: count.optional(),
  keepDays: count.optional(),
  keepRows: count.optional(),
  kinds: kinds.optional(),
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,63}$/, 'must be a schema of the warehouse: lower-case letters, digits and _')
    .optional(),
})
