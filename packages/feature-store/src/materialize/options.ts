import type { Sql, Waiting, Warehouse } from '@martlet/warehouse'
import type { Catalog } from '../catalog/catalog.ts'
import type { InstantLike } from '../catalog/instant.ts'
import type { LiveModel } from '../catalog/live-models.ts'
import type { OnlineStore } from '../online/online-store.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { QualityOptions } from '../quality/options.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { MaterializeEvent } from './events.ts'

/** Statements that create temporary tables, the query that reads rows, and statements that drop the tables. */
export interface RowsQuery {
  readonly prepare: readonly Sql[]
  readonly query: Sql
  readonly cleanup: readonly Sql[]
}

/** Compiles the query for a view's rows at all feature times T with `from <= T < to`. */
export type CompileRows = (
  warehouse: Warehouse,
  view: ViewPlan,
  range: { readonly from: bigint; readonly to: bigint },
) => RowsQuery

export interface PlanOptions {
  readonly warehouse: Warehouse
  readonly catalog: Catalog
  /**
   * Where the newest row of every entity is published. Without it nothing is published; the next run that has one
   * catches up.
   */
  readonly online?: OnlineStore
  /** What `featureView` returned, or plans. */
  readonly views: readonly (ViewPlan | { readonly plan: ViewPlan })[]
  /** The first feature time. @default the watermark minus the view's `repair`; at the first run the earliest fact */
  readonly from?: InstantLike
  /**
   * The end of the range, exclusive; instants that are not yet closed are never written.
   * @default every closed instant
   */
  readonly to?: InstantLike
  /** Decides which instants are closed (T + delay <= now). @default the clock */
  readonly now?: InstantLike
  /**
   * Accepts a `now` or `to` after the clock, and keeps rows that such a run has written.
   * @default false: both are refused, and such rows are removed
   */
  readonly allowFuture?: boolean
  /**
   * What `source` returned, or plans: the events that were pushed for the fact of a continuous view are brought into the
   * warehouse before its bases are made.
   * @default bases are made of the facts that are there
   */
  readonly sources?: readonly (IngestPlan | { readonly plan: IngestPlan })[]
  /** Size of one transaction. */
  readonly chunk?: ChunkOptions
}

export interface ChunkOptions {
  /** About how many rows one transaction writes. @default 1000000 */
  readonly rows?: number
  /** Feature times of one transaction; takes precedence over `rows`. */
  readonly instants?: number
}

export interface MaterializeOptions extends PlanOptions {
  readonly onProgress?: (event: MaterializeEvent) => void
  /** Interrupts the running statement and stops; the next run continues where this one stopped. */
  readonly signal?: AbortSignal
  /**
   * The live models. The older definitions that they were trained on are kept up to date next to the views, and
   * dropped when no model needs them. @default those that are already kept stay
   */
  readonly models?: readonly LiveModel[]
  /** Checks of the source rows before anything is written; `false` skips them. */
  readonly quality?: QualityOptions | false
  /** How long to wait for a view that another process is materializing. @default not at all: `LEASE_HELD` at once */
  readonly wait?: Waiting
  /**
   * Who runs this, for the records of runs and the audit log.
   * @default MARTLET_ACTOR, else the user of the operating system
   */
  readonly actor?: string
  /** Runs on the connection of every chunk before its rows are computed; on DuckDB in the chunk's transaction. */
  readonly prepare?: (
    warehouse: Warehouse,
    view: ViewPlan,
    range: { readonly from: bigint; readonly to: bigint },
  ) => Promise<void>
  /** @default the compiler of this package */
  readonly compile?: CompileRows
}

/** The plans of the views. Calendars come last, because they begin with the others. */
export function viewPlans(views: PlanOptions['views']): readonly ViewPlan[] {
  const plans = views.map((view) => ('plan' in view ? view.plan : view))
  return [...plans.filter(({ source }) => source !== null), ...plans.filter(({ source }) => source === null)]
}

/** The plans of the sources. */
export function sourcePlans(sources: PlanOptions['sources'] = []): readonly IngestPlan[] {
  return sources.map((source) => ('plan' in source ? source.plan : source))
}
