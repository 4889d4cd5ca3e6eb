import { resultSchema, type DriftResult } from '@martlet/drift'
import { z } from 'zod'

const severity = z.enum(['none', 'info', 'warn', 'crit'])
const status = z.enum(['ok', 'warn', 'drift', 'no_data', 'too_few_rows', 'not_evaluable', 'late'])

/** What answers are made of; the rest of a result goes to the report as it is. */
const result = z.looseObject({
  schema: z.literal(resultSchema),
  monitor: z.string().min(1).max(256),
  evaluatedAt: z.iso.datetime(),
  profile: z.looseObject({ name: z.string(), createdAt: z.string(), rows: z.number() }),
  policy: z.looseObject({ floors: z.looseObject({}) }),
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
      findings: z.array(z.looseObject({ severity, sentence: z.string() })),
      causes: z.array(z.looseObject({ severity, sentence: z.string() })),
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
