import { resultSchema, type Cause, type DriftResult, type Severity, type Status } from '@martlet/drift'
import { z } from 'zod'

export const severity: z.ZodType<Severity> = z.enum(['none', 'info', 'warn', 'crit'])
export const status: z.ZodType<Status> = z.enum([
  'ok',
  'warn',
  'drift',
  'no_data',
  'too_few_rows',
  'not_evaluable',
  'late',
])

export const cause: z.ZodType<Cause> = z.looseObject({
  severity,
  sentence: z.string(),
  head: z.string(),
  columns: z.array(z.string()),
  share: z.number(),
  source: z.looseObject({ table: z.string(), columns: z.array(z.string()), views: z.array(z.string()) }).nullable(),
})

/** What answers are made of; the rest of a result goes to the report as it is. */
const result = z.looseObject({
  schema: z.literal(resultSchema),
  monitor: z.string().min(1).max(256),
  evaluatedAt: z.iso.datetime(),
  profile: z.looseObject({ name: z.string(), createdAt: z.string(), rows: z.number() }),
  policy: z.looseObject({ floors: z.looseObject({}), minimumRows: z.number() }),
  status,
  severity,
  sentence: z.string(),
  since: z.iso.datetime().nullable(),
  columns: z.array(z.looseObject({ name: z.string() })),
  windows: z.array(
    z.looseObject({
      from: z.iso.datetime().nullable(),
      to: z.iso.datetime().nullable(),
      rows: z.int(),
      status,
      severity,
      sentence: z.string(),
      findings: z.array(
        z.looseObject({ kind: z.string(), column: z.string().nullable(), severity, sentence: z.string() }),
      ),
      causes: z.array(cause),
      columns: z.array(z.looseObject({ name: z.string() })),
    }),
  ),
})

/**
 * Reads a result that `martlet drift` wrote as JSON.
 *
 * @throws Error when it is none, or one of another version
 */
export function driftResultOf(text: string): DriftResult {
  // What was checked is what answers read; the report reads what the same version of the library wrote.
  return result.parse(JSON.parse(text)) as unknown as DriftResult
}
