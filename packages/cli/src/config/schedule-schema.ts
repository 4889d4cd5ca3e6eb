import { zoneOffset } from '@martlet/feature-store'
import { z } from 'zod'
import { length } from '../length-of-time.ts'
import { weekdays, wordsOf, type ScheduleConfig } from './schedule-config.ts'

const intervals: readonly string[] = [
  ...[5, 10, 15, 20, 30].map((minutes) => `${minutes}m`),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => `${hours}h`),
  '1d',
  '1w',
  'month',
]

const every = z.custom<ScheduleConfig['every']>(
  (value) => typeof value === 'string' && intervals.includes(value),
  `must be one of ${intervals.join(', ')}`,
)

export const zone: z.ZodString = z
  .string()
  .refine(isZone, 'must be a time zone that this machine knows, such as Europe/Zurich')

/** Why the words of a step are no command of a schedule, or of a pipeline; undefined when they are one. */
export type StepProblem = (words: readonly string[], of: 'schedule' | 'pipeline') => string | undefined

const stepSchema = (stepProblem: StepProblem): z.ZodType =>
  z
    .union([z.string(), z.array(z.string().min(1)).min(1)], {
      error: "must be a command such as 'materialize', or its words in an array",
    })
    .superRefine((given, context) => {
      const problem = stepProblem(wordsOf(given), 'schedule')
      if (problem !== undefined) context.addIssue({ code: 'custom', message: `${JSON.stringify(given)} ${problem}` })
    })

/** One of `schedules` in a configuration. */
export const scheduleSchema = (stepProblem: StepProblem): z.ZodType<{ readonly name: string }> =>
  z
    .strictObject({
      name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name: letters, digits and _'),
      every,
      at: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as '02:00'")
        .optional(),
      on: z
        .union([z.enum(weekdays), z.number().int().min(1).max(28)], {
          error: 'must be a weekday such as monday, or a day of the month from 1 to 28',
        })
        .optional(),
      zone: zone.optional(),
      run: z.array(stepSchema(stepProblem)).min(1),
      missed: z.enum(['once', 'each', 'skip']).optional(),
      grace: length.optional(),
      since: z
        .string()
        .refine(
          (text) => /^\d{4}-\d{2}-\d{2}(T.*Z)?$/.test(text) && !Number.isNaN(Date.parse(text)),
          'must be an instant in UTC, such as 2026-01-31 or 2026-01-31T06:00:00Z',
        )
        .optional(),
      timeout: length.optional(),
      retries: z.number().int().min(0).max(20).optional(),
      retryAfter: length.optional(),
      onFailure: z.enum(['stop', 'continue']).optional(),
    })
    .superRefine(({ every: often, on, grace, missed }, context) => {
      const weekday = typeof on === 'string'
      if (on !== undefined && !(often === '1w' && weekday) && !(often === 'month' && !weekday))
        context.addIssue({
          code: 'custom',
          path: ['on'],
          message: `fits '1w' with a weekday, and 'month' with a day of the month, not ${JSON.stringify(often)}`,
        })
      if (grace !== undefined && missed !== 'skip')
        context.addIssue({ code: 'custom', path: ['grace'], message: "counts only with missed: 'skip'" })
    })

function isZone(zoneName: string): boolean {
  try {
    zoneOffset(zoneName, 0)
    return zoneName !== ''
  } catch {
    return false
  }
}
