import type { Sql, Waiting, Warehouse } from '@martlet/warehouse'
import type { Catalog } from '../catalog/catalog.ts'
import type { InstantLike } from '../catalog/instant.ts'
import type { LiveModel } from '../catalog/live-models.ts'
import type { OnlineStore } from '../online/online-store.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { QualityOptions } from '../quality/options.ts'
import type { MaterializeEvent } from './events.ts'

/** Statements that make temporary tables, the query that reads rows, and statements that remove the tables again. */
export interface RowsQuery {
  readonly prepare: readonly Sql[]
  readonly query: Sql
  readonly cleanup: readonly Sql[]
}

/** Prints the rows of a view for all feature times T with `from <= T < to`. */
export type CompileRows = (
  warehouse: Warehouse,
  view: ViewPlan,
  range: { readonly from: bigint; readonly to: bigint },
) => RowsQuery

export interface PlanOptions {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  /** Where the newest row of every entity is published; left out: nothing is published now, and the next run that has it catches up. */
  readonly online?: OnlineStore
  /** What `featureView` returned, or plans. */
  readonly views: readonly (ViewPlan | { readonly plan: ViewPlan })[]
  /** The first feature time. @default the watermark minus the view's `repair`; at the first run the earliest fact */
  readonly from?: InstantLike
  /** Feature times before this; instants that are not closed yet are left out whatever it says. @default every closed instant */
  readonly to?: InstantLike
  /** Decides which instants are closed (T + delay <= now). @default the clock */
  readonly now?: InstantLike
  /** Takes a `now` or `to` after the clock, and keeps rows that such a run has written. @default false: both are refused, such rows are removed */
  readonly allowFuture?: boolean
  /** Size of one transaction. */
  readonly chunk?: ChunkOptions
}

export interface ChunkOptions {
  /** Rows that one transaction writes, about. @default 1000000 */
  readonly rows?: number
  /** Feature times of one transaction; wins over `rows`. */
  readonly instants?: number
}

export interface MaterializeOptions extends PlanOptions {
  readonly onProgress?: (event: MaterializeEvent) => void
  /** Stops at the next chunk and interrupts the running statement; the next run goes on where this one stopped. */
  readonly signal?: AbortSignal
  /**
   * The models that are live: the older definitions that they were trained on are kept up to date beside the views, and dropped when none
   * needs them. @default those that are kept already go on being kept
   */
  readonly models?: readonly LiveModel[]
  /** Checks of the source rows before anything is written; `false` skips them. */
  readonly quality?: QualityOptions | false
  /** How long to wait for a view that another process materializes. @default not at all: `LEASE_HELD` at once */
  readonly wait?: Waiting
  /** Who runs this, for runs and the audit log. @default MARTLET_ACTOR, else the user of the operating system */
  readonly actor?: string
  /** Runs on the connection of every chunk, before its rows are computed; on DuckDB in its transaction. */
  readonly prepare?: (
    warehouse: Warehouse,
    view: ViewPlan,
    range: { readonly from: bigint; readonly to: bigint },
  ) => Promise<void>
  /** @default the compiler of this package */
  readonly compile?: CompileRows
}

/** Calendars come last, because they begin where the others do. */
export function viewPlans(views: PlanOptions['views']): readonly ViewPlan[] {
  const plans = views.map((view) => ('plan' in view ? view.plan : view))
  return [...plans.filter(({ source }) => source !== null), ...plans.filter(({ source }) => source === null)]
}
