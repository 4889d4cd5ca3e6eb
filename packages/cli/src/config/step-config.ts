import { z } from 'zod'
import { localPath } from '../place/local-path.ts'
import { parameters, typeOf, valueProblem, type ParameterConfigs } from './parameter-config.ts'
import { unknownParameters } from './parameter-placeholders.ts'

/** What every load says. */
interface AnyLoadConfig {
  readonly name: string
  /** A table or view, or a file that ends in `.sql` with one query. */
  readonly from: string
  /** The table that is written, which must exist. */
  readonly into: string
  /** The columns that say which row it is. */
  readonly key: readonly string[]
}

/** A table that `martlet load` keeps at the newest version of every row of a source. */
export interface MergeLoadConfig extends AnyLoadConfig {
  /** The timestamp column of the source that says when a row arrived there; the target need not have it. */
  readonly loadedAt: string
  /** The column that says which version of a row is newer; of equal ones, the one that was loaded later. @default loadedAt */
  readonly newest?: string
  /**
   * Reads what was loaded so long before the newest row again, such as `10m`: for sources where a row can appear with an
   * earlier loadedAt than one that is there. @default nothing
   */
  readonly overlap?: string
  readonly slice?: never
  readonly parameters?: never
}

/** A table of which `martlet load` replaces some days by what a query has for them. */
export interface SliceLoadConfig extends AnyLoadConfig {
  /** The date column that says to which day a row belongs, and the days, both included, such as `{reference-date-6d}`. */
  readonly slice: { readonly column: string; readonly from: string; readonly to: string }
  /** What `--set` gives; the query reads a value as `{reference-date}`, bound. @default none */
  readonly parameters?: ParameterConfigs
  readonly loadedAt?: never
  readonly newest?: never
  readonly overlap?: never
}

/** A table that `martlet load` writes: merged by key with what has arrived, or day by day. */
export type LoadConfig = MergeLoadConfig | SliceLoadConfig

/** A table in which `martlet snapshot` keeps the history of a source: a row for every interval in which a version held. */
export interface SnapshotConfig {
  readonly name: string
  /** A table or view, or a file that ends in `.sql` with one query: the versions of rows, or the one that holds now. */
  readonly from: string
  /** The table that is written, which must exist, with `valid_from` and `valid_to`. */
  readonly into: string
  /** The columns that say which row it is. */
  readonly key: readonly string[]
  /** The timestamp column of the source that says since when a version holds. */
  readonly at: string
  /** The timestamp column of the source that says when a version arrived there; without it, every run reads all of it. */
  readonly loadedAt?: string
  /** The columns whose changes begin an interval. @default all of the target but the key, `at` and `loadedAt` */
  readonly columns?: readonly string[]
  /** Whether a row that is no longer in the source ends, or holds on. @default 'keep' */
  readonly deletes?: 'keep' | 'close'
  /** Reads what was loaded so long before the newest version again, such as `10m`. @default nothing */
  readonly overlap?: string
}

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be a name: letters, digits, _, . and -')
const duration = z.string().regex(/^\d+(\.\d+)?[mhdw]$/, "must be a duration such as '10m', '6h' or '1d'")
const column = z.string().min(1)

/** What a list of steps holds, as far as its check reads it. */
type Steps = z.ZodType<readonly { readonly name: string; readonly into: string }[]>

const day = z.string().min(1)

export const loads: Steps = z.array(
  z
    .strictObject({
      name,
      from: localPath,
      into: z.string().min(1),
      key: z.array(column).min(1),
      loadedAt: column.optional(),
      newest: column.optional(),
      overlap: duration.optional(),
      slice: z.strictObject({ column, from: day, to: day }).optional(),
      parameters: parameters.optional(),
    })
    .superRefine((given, context) => {
      const refuse = (key: string, message: string, ...inner: readonly string[]): void =>
        context.addIssue({ code: 'custom', path: [key, ...inner], message })
      const { slice, parameters: declared = {} } = given
      if (slice === undefined) {
        if (given.loadedAt === undefined) refuse('loadedAt', 'is missing (a string is needed)')
        if (given.parameters !== undefined)
          refuse('parameters', 'go with slice: what a merging load has read is kept for one query, not for each value')
        return
      }
      for (const key of ['loadedAt', 'newest', 'overlap'] as const)
        if (given[key] !== undefined) refuse(key, 'has no meaning with slice, which replaces whole days')
      const types = new Map(Object.entries(declared).map(([parameter, config]) => [parameter, typeOf(config)]))
      for (const end of ['from', 'to'] as const) {
        const [unknown] = unknownParameters(slice[end], types)
        if (unknown !== undefined) refuse('slice', `has ${unknown}, which is no parameter of this load`, end)
        else if (!slice[end].includes('{') && valueProblem('date', slice[end]) !== undefined)
          refuse('slice', 'must be a date such as 2026-06-01, or a parameter such as {reference-date-6d}', end)
      }
    }),
)

export const snapshots: Steps = z.array(
  z.strictObject({
    name,
    from: localPath,
    into: z.string().min(1),
    key: z.array(column).min(1),
    at: column,
    loadedAt: column.optional(),
    columns: z.array(column).min(1).optional(),
    deletes: z.enum(['keep', 'close']).optional(),
    overlap: duration.optional(),
  }),
)
