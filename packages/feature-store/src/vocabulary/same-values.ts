import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'
import { withFeatures } from './needed-features.ts'
import { viewHash } from './plan-hash.ts'

type Unhashed = Omit<ViewPlan, 'hash'>

/** The name under which `view` has a feature that another revision calls `name`; undefined when it has none. */
export function presentName(view: Unhashed, other: Unhashed, name: string): string | undefined {
  return [...oldNames(view, other)].find(([, old]) => old === name)?.[0]
}

/** A view in the names of another revision, as far as it says that they were names of its own. */
export function inNamesOf(view: Unhashed, other: Unhashed): Unhashed {
  const names = oldNames(view, other)
  const features = view.features.map((feature): FeaturePlan => {
    const named = { ...feature, name: names.get(feature.name) ?? feature.name }
    return featureKind(named).renamed?.(named, names) ?? named
  })
  return { ...view, name: isSameView(view, other) ? other.name : view.name, features }
}

/**
 * Whether two revisions compute the same values for these features, named as in `before`. `ttl`, which only readers
 * apply, does not count.
 */
export function sameValues(before: Unhashed, after: Unhashed, names: readonly string[]): boolean {
  const now = inNamesOf(after, before)
  return names.every((name) => {
    const [old, next] = [withNeeded(before, name), withNeeded(now, name)]
    return old !== undefined && next !== undefined && viewHash(old) === viewHash(next)
  })
}

/** Whether a view is another revision of the same one. */
export function isSameView(view: Unhashed, other: Unhashed): boolean {
  return view.name === other.name || view.renamedFrom === other.name
}

/** Each feature's name, and the one that it has in the other revision. */
function oldNames(view: Unhashed, other: Unhashed): ReadonlyMap<string, string> {
  const theirs = new Set(other.features.map(({ name }) => name))
  return new Map(
    view.features.map(({ name, renamedFrom }) => [
      name,
      !theirs.has(name) && renamedFrom !== undefined && theirs.has(renamedFrom) ? renamedFrom : name,
    ]),
  )
}

/** The view with one feature and those it is derived from. */
function withNeeded(view: Unhashed, name: string): Unhashed | undefined {
  const only = withFeatures(view, [name])
  return only.features.some((feature) => feature.name === name) ? { ...only, ttl: null } : undefined
}
