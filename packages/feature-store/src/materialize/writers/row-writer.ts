import type { Leaves, Sql } from '@martlet/warehouse'
import type { OnlineStore } from '../../online/online-store.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { ViewRun } from '../view-run.ts'
import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { Situation, ViewWork } from '../work.ts'
import type { Published } from './publish-rows.ts'

/** What a publication needs. */
export interface Publication {
  readonly online: OnlineStore
  readonly work: ViewWork
  readonly now: bigint
  readonly signal: AbortSignal
  /** The sources that events are pushed to. */
  readonly sources: readonly IngestPlan[]
}

/** How the rows of a view are made and published. */
export interface RowWriter {
  /**
   * Whether rows are written to a table of the view; otherwise they stay in the source table, each with its own time.
   */
  readonly ownTable: boolean
  /** Source times before this (µs) count as typing errors where there are later ones. */
  readonly likelyAfter: bigint
  /** The time before which rows are complete: T + delay <= now holds for every T before it. */
  closedBefore(view: ViewPlan, now: bigint): bigint
  /** The first time that rows can have when `oldest` is the oldest time of the source. */
  firstTime(view: ViewPlan, oldest: bigint): bigint
  decide(situation: Situation): Promise<ViewWork>
  /** The newest row of every entity, regardless of the delay. */
  latestRows(leaves: Leaves, view: ViewPlan): Sql
  publish(run: ViewRun, publication: Publication): Promise<Published>
}
