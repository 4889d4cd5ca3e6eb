import type { DimensionPlan, EventsPlan, PrecomputedPlan, SourcePlan } from '../../plan/source-plan.ts'
import type { ViewsPlan } from '../../plan/views-plan.ts'
import { dimension } from './dimension.ts'
import { fact } from './fact.ts'
import { lookup } from './lookup.ts'
import { precomputed } from './precomputed.ts'
import type { SourceKind } from './source-kind.ts'
import { views } from './views.ts'

/** Every kind of source that a view or its features can read. */
export const sourceKinds: readonly SourceKind[] = [fact, dimension, precomputed, views, lookup]

const byKind = new Map(sourceKinds.map((one) => [one.kind, one]))

export function sourceKind(source: SourcePlan): SourceKind {
  const kind = byKind.get(source.kind)
  if (kind === undefined) throw new Error(`${source.table} is a source of an unknown kind, ${source.kind}`)
  return kind
}

/** The events of a source, which windows aggregate; undefined when it has none. */
export function eventsOf(source: SourcePlan | null): EventsPlan | undefined {
  return source === null ? undefined : sourceKind(source).events?.(source)
}

/** The attributes of a source, which hold at a time; undefined when it has none. */
export function attributesOf(source: SourcePlan | null): DimensionPlan | undefined {
  return source === null ? undefined : sourceKind(source).attributes?.(source)
}

/**
 * The rows of a source that are features already, so that nothing is computed at feature times; undefined when they
 * are not.
 */
export function passedThroughOf(source: SourcePlan | null): PrecomputedPlan | undefined {
  return source === null ? undefined : sourceKind(source).passedThrough?.(source)
}

/** The other views whose rows a view is made of; undefined when it is made of none. */
export function viewsOf(source: SourcePlan | null): ViewsPlan | undefined {
  return source === null ? undefined : sourceKind(source).views?.(source)
}
