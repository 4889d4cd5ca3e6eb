import { toMicros } from '@martlet/feature-store'
import { z } from 'zod'
import type { JobKind } from './job-kinds.ts'

/** A made spine has at most so many times. */
const MOST_TIMES = 100_000
const DAY_MS = 86_400_000
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }

const length = z.string().regex(/^\d{1,9}(\.\d{1,9})?[mhdw]$/, 'must be a length of time such as 6h or 1d')
const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], {
    error: 'must be an instant such as 2026-01-31 or 2026-01-31T06:00:00Z',
  })
  .refine(isInstant, 'must be between the years 1 and 9999, with at most six decimals')
const name = z.string().min(1).max(256)
const column = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'must be the name of a column')
const zone = z.string().regex(/^[A-Za-z][\w+/-]{0,63}$/, 'must be a time zone such as Europe/Zurich')
const source = z.enum(['facts', 'tiles', 'materialized'])

/** Only tables: a name that a command would read as a file is none. */
const table = z
  .string()
  .regex(/^[A-Za-z_]\w{0,127}\.[A-Za-z_]\w{0,127}$/, 'must be a table, as schema.table')
  .refine((text) => !/\.(sql|parquet)$/i.test(text), 'must not end like the name of a file')

export interface MaterializeArguments {
  /** Left out: all that the caller may see. */
  readonly views?: readonly string[] | undefined
  /** ISO 8601. Left out: where the last run ended. */
  readonly from?: string | undefined
  /** Left out: all feature times that are closed. */
  readonly to?: string | undefined
  readonly allowFuture?: boolean | undefined
  /** False: the online store is left as it is. */
  readonly publish?: boolean | undefined
}

type FeatureSource = 'facts' | 'tiles' | 'materialized'

export interface TrainingSetArguments {
  /** A training set of the configuration. */
  readonly name: string
  readonly from?: FeatureSource | undefined
  /** The end of the data for labels, ISO 8601. */
  readonly asOf?: string | undefined
}

/** Rows on a grid of times (`every`, `of`, `start`, `end`), or those of a table (`spine`, `time`). */
export interface ScoreArguments {
  readonly model: string
  /** Left out, with no version: champion. */
  readonly alias?: string | undefined
  readonly version?: number | undefined
  readonly every?: string | undefined
  readonly of?: string | undefined
  readonly start?: string | undefined
  readonly end?: string | undefined
  readonly after?: string | undefined
  readonly spine?: string | undefined
  readonly time?: string | undefined
  readonly zone?: string | undefined
  /** A table of the schema `scores`, whose rows are replaced. */
  readonly into: string
  readonly from?: FeatureSource | undefined
  readonly chunkRows?: number | undefined
  readonly restart?: boolean | undefined
}

export interface DriftArguments {
  /** A monitor of the configuration. Left out: all of them. */
  readonly monitor?: string | undefined
  readonly window?: string | undefined
  readonly windows?: number | undefined
  readonly until?: string | undefined
  readonly failOn?: 'warn' | 'drift' | undefined
}

/** The arguments of each kind of job. */
export interface ArgumentsByKind {
  readonly materialize: MaterializeArguments
  readonly 'training-set': TrainingSetArguments
  readonly score: ScoreArguments
  readonly drift: DriftArguments
}

/** The arguments of a kind, or of any. */
export type JobArguments<K extends JobKind = JobKind> = ArgumentsByKind[K]

/** The arguments of a kind; of one that a project declares, any object. */
export type ArgumentsOf<K extends string> = K extends JobKind ? ArgumentsByKind[K] : Readonly<Record<string, unknown>>

const materialize: z.ZodType<MaterializeArguments> = z.strictObject({
  views: z.array(name).min(1).max(1000).optional().meta({ description: 'Left out: all that the caller may see.' }),
  from: instant.optional().meta({ description: 'The first feature time. Left out: where the last run ended.' }),
  to: instant.optional().meta({ description: 'Feature times before this. Left out: all that are closed.' }),
  allowFuture: z.boolean().optional(),
  publish: z.boolean().optional().meta({ description: 'False: the online store is left as it is.' }),
})

const trainingSet: z.ZodType<TrainingSetArguments> = z.strictObject({
  name: name.meta({ description: 'A training set of the configuration.' }),
  from: source.optional(),
  asOf: instant.optional().meta({ description: 'The end of the data for labels.' }),
})

const score: z.ZodType<ScoreArguments> = z
  .strictObject({
    model: name,
    alias: z
      .string()
      .regex(/^[A-Za-z][\w.-]{0,127}$/, 'must be the name of an alias')
      .optional()
      .meta({ description: 'Left out, with no version: champion.' }),
    version: z.int().min(1).max(999_999_999).optional(),
    every: length.optional().meta({ description: 'Rows of everybody of the view `of`, at times so far apart.' }),
    of: name.optional(),
    start: instant.optional(),
    end: instant.optional(),
    after: length.optional(),
    spine: table.optional().meta({ description: 'Instead of `every`: a table of keys and times.' }),
    time: column.optional().meta({ description: 'The time column of the spine.' }),
    zone: zone.optional(),
    into: table
      .refine((text) => text.startsWith('scores.'), 'must be a table of the schema scores, such as scores.next_day')
      .meta({ description: 'A table of the schema `scores`, whose rows are replaced.' }),
    from: source.optional(),
    chunkRows: z.int().min(1).max(10_000_000).optional(),
    restart: z.boolean().optional(),
  })
  .superRefine((given, context) => {
    const wrong = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
    if (given.alias !== undefined && given.version !== undefined) wrong('version', 'goes with no alias')
    if (given.every === undefined) {
      if (given.spine === undefined) return wrong('spine', 'is needed, or every, of, start and end')
      if (given.time === undefined) wrong('time', 'is needed with a spine')
      for (const key of ['of', 'start', 'end', 'after'] as const)
        if (given[key] !== undefined) wrong(key, 'goes only with every')
      return
    }
    if (given.spine !== undefined) return wrong('spine', 'goes not with every')
    for (const key of ['of', 'start', 'end'] as const)
      if (given[key] === undefined) return wrong(key, 'is needed with every')
    const step = millisOf(given.every)
    const times = (Date.parse(given.end ?? '') - Date.parse(given.start ?? '')) / step
    if (!(times > 0)) return wrong('end', 'must be after start')
    if (!(times <= MOST_TIMES)) wrong('every', `makes more than ${MOST_TIMES} times between start and end`)
  })

const drift: z.ZodType<DriftArguments> = z.strictObject({
  monitor: name.optional().meta({ description: 'A monitor of the configuration. Left out: all of them.' }),
  window: z
    .string()
    .max(100)
    .refine(isWindow, 'must be a length such as 7d, or two instants with .. between them')
    .optional(),
  windows: z.int().min(1).max(1000).optional(),
  until: instant.optional(),
  failOn: z.enum(['warn', 'drift']).optional(),
})

/** What each kind of job may be asked. */
export const jobArguments: { readonly [K in JobKind]: z.ZodType<ArgumentsByKind[K]> } = {
  materialize,
  'training-set': trainingSet,
  score,
  drift,
}

function isWindow(text: string): boolean {
  const [from = '', to, ...rest] = text.split('..')
  if (to === undefined) return length.safeParse(from).success
  return rest.length === 0 && [from, to].every((one) => instant.safeParse(one).success)
}

function isInstant(text: string): boolean {
  try {
    toMicros(text)
    return true
  } catch {
    return false
  }
}

function millisOf(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0)
}
