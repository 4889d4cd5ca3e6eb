import { z } from 'zod'
import { localPath } from '../place/local-path.ts'

/** A table that `martlet load` keeps at the newest version of every row of a source. */
export interface LoadConfig {
  readonly name: string
  /** A table or view, or a file that ends in `.sql` with one query. */
  readonly from: string
  /** The table that is written, which must exist. */
  readonly into: string
  /** The columns that say which row it is. */
  readonly key: readonly string[]
  /** The timestamp column of the source that says when a row arrived there; the target need not have it. */
  readonly loadedAt: string
  /** The column that says which version of a row is newer; of equal ones, the one that was loaded later. @default loadedAt */
  readonly newest?: string
  /**
   * Reads what was loaded so long before the newest row again, such as `10m`: for sources where a row can appear with an
   * earlier loadedAt than one that is there. @default nothing
   */
  readonly overlap?: string
}

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

export const loads: Steps = z.array(
  z.strictObject({
    name,
    from: localPath,
    into: z.string().min(1),
    key: z.array(column).min(1),
    loadedAt: column,
    newest: column.optional(),
    overlap: duration.optional(),
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
