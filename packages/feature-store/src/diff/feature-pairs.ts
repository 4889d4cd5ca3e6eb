import { isDeepStrictEqual } from 'node:util'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { presentName } from '../vocabulary/same-values.ts'
import type { FeatureDiff } from './view-diff.ts'

/** A feature as two definitions have it. */
export interface FeaturePair {
  readonly before: FeaturePlan | undefined
  readonly after: FeaturePlan | undefined
  /** Whether the new one stands in place of the old one: the same aggregate over another window, under another name. */
  readonly replaced: boolean
}

export function kindOf({ before, after, replaced }: FeaturePair): FeatureDiff['kind'] {
  if (before === undefined) return 'new'
  if (after === undefined) return 'gone'
  return replaced ? 'replaced' : 'compared'
}

/** In the order of the new definition, those that are gone last. Renamed features are one feature. */
export function featurePairs(before: ViewPlan, after: ViewPlan): readonly FeaturePair[] {
  const former = new Map(before.features.map((feature) => [presentName(after, before, feature.name), feature]))
  const gone = before.features.filter(({ name }) => presentName(after, before, name) === undefined)
  const added = after.features.filter(({ name }) => !former.has(name))
  const replaced = replacements(gone, added)
  const there = after.features.map((feature): FeaturePair => {
    const old = replaced.get(feature)
    return old === undefined
      ? { before: former.get(feature.name), after: feature, replaced: false }
      : { before: old, after: feature, replaced: true }
  })
  const left = gone.filter((feature) => ![...replaced.values()].includes(feature))
  return [...there, ...left.map((feature): FeaturePair => ({ before: feature, after: undefined, replaced: false }))]
}

/** New features that are a gone one over another window, where there is only one of each. */
function replacements(
  gone: readonly FeaturePlan[],
  added: readonly FeaturePlan[],
): ReadonlyMap<FeaturePlan, FeaturePlan> {
  const found = new Map<FeaturePlan, FeaturePlan>()
  for (const feature of added) {
    const old = gone.filter((one) => isOfOtherWindow(one, feature))
    const [only] = old
    if (only !== undefined && old.length === 1 && added.filter((one) => isOfOtherWindow(only, one)).length === 1)
      found.set(feature, only)
  }
  return found
}

function isOfOtherWindow(before: FeaturePlan, after: FeaturePlan): boolean {
  const [old, now] = [partsOf(before), partsOf(after)]
  return old.length > 0 && isDeepStrictEqual(old, now)
}

function partsOf(feature: FeaturePlan): readonly unknown[] {
  const kind = featureKind(feature)
  return kind.stage === 'facts' ? kind.parts(feature).map((part) => [feature.kind, part.kind, part.plan]) : []
}
