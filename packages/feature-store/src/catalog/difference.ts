import { isDeepStrictEqual } from 'node:util'
import { typeText } from '@martlet/warehouse'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { EntityPlan, SourcePlan } from '../plan/source-plan.ts'
import { viewHash } from '../vocabulary/plan-hash.ts'
import { inNamesOf, isSameView } from '../vocabulary/same-values.ts'
import {
  entityIn,
  isContinuous,
  nameIn,
  readsOf,
  vectorFields,
  type ServicePlan,
  type ServiceView,
  type VectorField,
  type ViewPlan,
} from '../plan/view-plan.ts'
import { durationText } from '../plan/time/duration-text.ts'
import { withoutChecks } from '../plan/without-checks.ts'
import { defaultText } from '../vocabulary/algebra/default-value.ts'
import { expressionText } from '../vocabulary/algebra/expression-words.ts'
import { outcomeKind } from '../vocabulary/outcomes/list.ts'
import { computedOf } from '../vocabulary/sources/computed.ts'
import { sourceKind, viewsOf } from '../vocabulary/sources/list.ts'
import { featureText } from '../vocabulary/words.ts'

/** How a view differs from its applied revision, in words, and what that means for its rows. */
export interface ViewDifference {
  readonly reasons: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  /** Values that are already stored would come out differently. */
  readonly changesValues: boolean
}

/** Names that `given` declares as its own former names do not count as changes. */
export function viewDifference(stored: ViewPlan, given: ViewPlan): ViewDifference {
  const before = withoutChecks(stored)
  const canonical = withoutChecks(inNamesOf(given, before))
  const after = { ...canonical, hash: viewHash(canonical) }
  const renamed = [
    ...(given.name === after.name ? [] : [`view ${after.name} renamed to ${given.name}`]),
    ...given.features.flatMap(({ name }, i) =>
      after.features[i]?.name === name ? [] : [`${after.features[i]?.name} renamed to ${name}`],
    ),
  ]
  const frame = [
    ...changed('entity', entityText(before.entity), entityText(after.entity)),
    ...changed('source', sourceText(before, after), sourceText(after, before)),
    ...changed('grid every', everyText(before), everyText(after)),
    ...changed('clock', clockText(before), clockText(after)),
    ...changed('grid zone', before.grid.zone, after.grid.zone),
    ...changed('delay', durationText(before.delay), durationText(after.delay)),
    ...changed(
      'population',
      before.population?.table ?? 'whoever has a fact',
      after.population?.table ?? 'whoever has a fact',
    ),
  ]
  const source =
    isDeepStrictEqual({ ...before.source }, { ...after.source }) ||
    sourceText(before, after) !== sourceText(after, before)
      ? []
      : sourceDifference(before, after)
  const population =
    isDeepStrictEqual(before.population, after.population) || before.population?.table !== after.population?.table
      ? []
      : [`population ${after.population?.table} is declared differently`]
  const soft = [
    ...changed(
      'ttl',
      before.ttl === null ? 'never' : durationText(before.ttl),
      after.ttl === null ? 'never' : durationText(after.ttl),
    ),
    ...changed('repair', durationText(before.repair), durationText(after.repair)),
  ]
  const old = new Map(before.features.map((feature) => [feature.name, feature]))
  const now = new Map(after.features.map((feature) => [feature.name, feature]))
  const added = after.features.filter(({ name }) => !old.has(name))
  const removed = before.features.filter(({ name }) => !now.has(name)).map(({ name }) => name)
  const altered = before.features.flatMap((feature) => {
    const next = now.get(feature.name)
    return next === undefined ? [] : featureDifference(feature, next)
  })
  const reordered =
    added.length + removed.length === 0 && !isDeepStrictEqual([...old.keys()], [...now.keys()])
      ? ['features are in another order']
      : []
  const values = [...frame, ...source, ...population, ...altered]
  const reasons = [
    ...renamed,
    ...values,
    ...added.map((feature) => `${feature.name} added: ${featureText(feature)}`),
    ...removed.map((name) => `${name} removed`),
    ...reordered,
    ...soft,
  ]
  const unexplained = reasons.length === renamed.length && before.hash !== after.hash
  return {
    reasons: unexplained ? [...reasons, 'how values are computed has changed'] : reasons,
    added: added.map(({ name }) => name),
    removed,
    changesValues: values.length > 0 || unexplained,
  }
}

export function serviceDifference(before: ServicePlan, after: ServicePlan): readonly string[] {
  const slots = (service: ServicePlan): string[] =>
    vectorFields(service).map(({ view, feature }) => `${view}.${feature}`)
  const [old, now] = [slots(before), slots(after)]
  const moved = new Set(
    readsOf(before)
      .filter((read) =>
        readsOf(after).some((next) => nameIn(next) === nameIn(read) && next.view.hash !== read.view.hash),
      )
      .map(nameIn),
  )
  const rekeyed = before.views.flatMap((read) => {
    const next = after.views.find((other) => nameIn(other) === nameIn(read))
    return next === undefined
      ? []
      : changed(`keys of ${nameIn(read)}`, entityText(entityIn(read)), entityText(entityIn(next)))
  })
  const computed = (before.onDemand ?? []).filter(({ plan }) =>
    after.onDemand?.some((next) => next.plan.name === plan.name && next.plan.hash !== plan.hash),
  )
  const reasons = [
    ...now.filter((slot) => !old.includes(slot)).map((slot) => `${slot} added`),
    ...old.filter((slot) => !now.includes(slot)).map((slot) => `${slot} removed`),
    ...[...moved].map((view) => `view ${view} changed`),
    ...rekeyed,
    ...lookupDifference(before, after),
    ...defaultsDifference(before, after),
    ...computed.map(({ plan }) => `on-demand feature ${plan.name} changed`),
  ]
  return reasons.length === 0 && !isDeepStrictEqual(old, now) ? ['the order of features changed'] : reasons
}

function lookupDifference(before: ServicePlan, after: ServicePlan): readonly string[] {
  const words = ({ via }: ServiceView): string =>
    via === undefined ? 'the request' : via.features.map((feature) => `${nameIn(via)}.${feature}`).join(', ')
  const old = new Map(before.views.map((read) => [nameIn(read), words(read)]))
  return after.views.flatMap((read) => {
    const previous = old.get(nameIn(read))
    return previous === undefined ? [] : changed(`key of ${nameIn(read)} from`, previous, words(read))
  })
}

function defaultsDifference(before: ServicePlan, after: ServicePlan): readonly string[] {
  const words = ({ type, default: given }: VectorField): string =>
    given === undefined ? 'none' : defaultText(given, type)
  const old = new Map(vectorFields(before).map((field) => [field.name, field]))
  return vectorFields(after).flatMap((field) => {
    const previous = old.get(field.name)
    if (previous === undefined) return []
    return changed(`default of ${field.view}.${field.feature}`, words(previous), words(field))
  })
}

export function labelDifference(before: LabelPlan, after: LabelPlan): readonly string[] {
  const what = ({ aggregate }: LabelPlan): string => outcomeKind(aggregate).words(aggregate)
  const reasons = [
    ...changed('entity', entityText(before.entity), entityText(after.entity)),
    ...changed('fact', before.fact.table, after.fact.table),
    ...changed('aggregate', what(before), what(after)),
    ...changed('gap', durationText(before.gap), durationText(after.gap)),
    ...changed('window', durationText(before.length), durationText(after.length)),
    ...changed('steps', `${before.steps ?? 1}`, `${after.steps ?? 1}`),
    ...changed('maturity', durationText(before.maturity), durationText(after.maturity)),
    ...changed('type', typeText(before.type), typeText(after.type)),
  ]
  return reasons.length === 0 ? [`fact ${after.fact.table} is declared differently`] : reasons
}

function featureDifference(before: FeaturePlan, after: FeaturePlan): readonly string[] {
  // A former name does not change values.
  if (isDeepStrictEqual({ ...before, renamedFrom: undefined }, { ...after, renamedFrom: undefined })) return []
  const reasons = [
    ...changed(before.name, featureText(before), featureText(after)),
    ...changed(`${before.name} type`, typeText(before.type), typeText(after.type)),
  ]
  if (reasons.length > 0) return reasons
  return [
    before.nullable === after.nullable
      ? `${before.name} reads a dimension that is declared differently`
      : `${before.name} ${after.nullable ? 'may be null now' : 'is never null now'}`,
  ]
}

function sourceDifference(before: ViewPlan, after: ViewPlan): readonly string[] {
  const [old, now] = [before.source, after.source]
  if (old === null || now === null) return []
  const views = viewsOf(now)?.views ?? []
  const read = viewsOf(old)?.views ?? []
  if (views.length > 0) {
    return views.flatMap((view) => {
      const previous = read.find((one) => isSameView(view, one))
      const its = previous === undefined ? [] : viewDifference(previous, view).reasons
      return its.map((reason) => `view ${view.name}: ${reason}`)
    })
  }
  const reasons = [...changed(`zone of ${now.table}`, zoneText(old), zoneText(now))]
  const roles = new Map(old.kind === now.kind ? sourceKind(old).words?.(old) : [])
  for (const [what, value] of sourceKind(now).words?.(now) ?? [])
    if (roles.has(what)) reasons.push(...changed(what, roles.get(what) ?? '', value))
  for (const column of now.columns) {
    const previous = old.columns.find(({ name }) => name === column.name)
    if (previous === undefined) continue
    reasons.push(...changed(`${now.table}.${column.name}`, typeText(previous.type), typeText(column.type)))
  }
  for (const column of computedOf(now)) {
    const previous = computedOf(old).find(({ name }) => name === column.name)
    if (previous === undefined) continue
    reasons.push(...changed(column.name, expressionText(previous.expression), expressionText(column.expression)))
  }
  return reasons
}

/** What a view reads; a view that it reads and that has another name now has the same one in both. */
function sourceText({ source }: ViewPlan, other: ViewPlan): string {
  const views = viewsOf(source)?.views
  if (views === undefined) return source?.table ?? 'calendar'
  const others = viewsOf(other.source)?.views ?? []
  const names = views.map((view) => others.find((one) => one.renamedFrom === view.name)?.name ?? view.name)
  return `${names.length === 1 ? 'view' : 'views'} ${names.join(', ')}`
}

function everyText({ grid: { every } }: ViewPlan): string {
  return every === 'continuous' ? every : durationText(every)
}

/** What closes the windows of a view: on a grid, its feature times. */
function clockText(view: ViewPlan): string {
  return isContinuous(view) ? view.grid.clock : 'none'
}

function zoneText({ zone, zones }: SourcePlan): string {
  return zones === undefined
    ? (zone ?? 'UTC')
    : Object.entries(zones)
        .map(([column, its]) => `${column} ${its}`)
        .join(', ')
}

function entityText(entity: EntityPlan): string {
  return `${entity.name}(${entity.keys.map(({ name, type }) => `${name} ${typeText(type)}`).join(', ')})`
}

function changed(what: string, before: string, after: string): readonly string[] {
  return before === after ? [] : [`${what} ${before} → ${after}`]
}
