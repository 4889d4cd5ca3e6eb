import type { Sql, Warehouse } from '@martlet/warehouse'
import { sourceOf } from '../continuous/source-tails.ts'
import { drain } from '../ingest/drain.ts'
import { drainedSql } from '../ingest/landing/ledger.ts'
import type { OnlineStore } from '../online/online-store.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** What the warehouse has of the events that were pushed for a fact. */
export interface Drained {
  readonly source: string
  /** A checkpoint: all events up to here are in the fact's table. */
  readonly position: bigint
  /** The position that the warehouse has now, for a statement that must not have more. */
  readonly now: Sql
}

export interface DrainFirst {
  readonly warehouse: Warehouse
  readonly online?: OnlineStore
  readonly sources: readonly IngestPlan[]
  readonly signal?: AbortSignal
}

/**
 * Brings the events that were pushed for a view's fact into the warehouse, up to a checkpoint that is made before, so that
 * no folded part of a tail lies on both sides of it. Undefined where none are pushed.
 */
export async function drainFirst(
  { warehouse, online, sources, signal }: DrainFirst,
  view: ViewPlan,
): Promise<Drained | undefined> {
  const source = sourceOf(view, sources)
  const events = online?.events
  if (source === undefined || events === undefined) return undefined
  const position = await events.checkpoint(source.name)
  await drain({ warehouse, source, events, upTo: position, ...(signal === undefined ? {} : { signal }) })
  return { source: source.name, position, now: drainedSql(source.name) }
}
