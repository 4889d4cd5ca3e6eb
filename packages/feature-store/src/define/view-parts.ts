import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { EntityPlan, SourcePlan } from '../plan/source-plan.ts'
import type { GridPlan, ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import type { ViewedFeature } from '../vocabulary/features/viewed.ts'
import { eventsOf, sourceKind, sourceKinds, viewsOf } from '../vocabulary/sources/list.ts'
import { windowKind } from '../vocabulary/windows/list.ts'
import { everyone, type AnyEntity } from './sources/entity.ts'
import { checkAnchor } from './features/event.ts'
import { plannedExpression } from './features/derived.ts'
import { undefaulted } from './features/default-value.ts'
import { isFeatures } from './features/features.ts'
import { oldNameOf } from './features/renamed-from.ts'
import { invalid, type Place } from './invalid-definition.ts'
import { checkDistinct, checkName, checkNotReserved } from './names.ts'
import { isValued } from './expressions/operand.ts'
import { entityPlan } from './sources/source.ts'
import { isViews, viewsPlan, type AnyViews } from './sources/views.ts'
import type { AnyDimension, AnySource } from './features/view-builder.ts'

const mostFeatures = 1000

/** The plan of a view's source, null for a calendar. */
export function sourcePlan(
  from: AnySource | AnyViews | undefined,
  place: Place & { readonly view: string },
): SourcePlan | null {
  if (from === undefined) return null
  if (isViews(from)) return viewsPlan(from, place)
  const known = sourceKinds.find(({ kind }) => kind === from?.kind)
  if (known !== undefined && (known.events ?? known.attributes ?? known.passedThrough) !== undefined) return from.plan
  throw invalid(place, 'from must be a fact, a dimension, a precomputed table or other views')
}

/** The entity that a view is of: one that its source describes; everyone for a calendar. */
export function entityOf(
  spec: { readonly of?: AnyEntity | string | undefined },
  source: SourcePlan | null,
  place: Place,
): AnyEntity {
  if (source === null) {
    if (spec.of !== undefined)
      throw invalid(place, 'it says of which entity but not from what; add from, or drop of for a calendar')
    return everyone
  }
  const what = sourceText(source)
  if (spec.of === undefined) throw invalid(place, `it reads ${what}, so it must say which entity it is of`)
  const { name } = entityPlan(spec.of, place)
  const described = sourceKind(source).entities(source)
  if (typeof spec.of === 'object' && described.some((entity) => entity.name === name)) return spec.of
  const names = described.map((entity) => entity.name).join(', ')
  throw invalid(
    place,
    viewsOf(source) === undefined
      ? `entity '${name}' is not one that ${what} describes; it describes ${names}`
      : `entity '${name}' is not that of ${what}, which is ${names}`,
  )
}

function sourceText(source: SourcePlan): string {
  const views = viewsOf(source)?.views
  if (views === undefined) return `${source.kind} '${source.table}'`
  return `${views.length === 1 ? 'view' : 'views'} ${views.map(({ name }) => `'${name}'`).join(', ')}`
}

/** The plan of the dimension that decides who has rows. */
export function populationPlan(
  population: AnyDimension | string | undefined,
  entity: EntityPlan,
  source: SourcePlan | null,
  place: Place,
): ViewPlan['population'] {
  if (population === undefined) return null
  if (typeof population === 'string' || population.kind !== 'dimension')
    throw invalid(place, 'population must be a dimension')
  if (eventsOf(source) === undefined) {
    const decides =
      viewsOf(source) === undefined ? `the ${source?.kind ?? 'calendar'} decides` : 'those of the views decide'
    throw invalid(place, `only a view of a fact names a population; here ${decides}`)
  }
  if (population.plan.entity.name !== entity.name) {
    const { table, entity: described } = population.plan
    throw invalid(place, `its population '${table}' describes entity '${described.name}', not entity '${entity.name}'`)
  }
  return population.plan
}

/** Plans every feature that the user returned; expressions are over the features of other views. */
export function planFeatures(
  map: unknown,
  source: SourcePlan | null,
  zone: string,
  place: Place,
): readonly FeaturePlan[] {
  if (typeof map !== 'object' || map === null || Object.keys(map).length === 0)
    throw invalid(place, 'it has no features')
  return Object.entries(map).flatMap(([key, given]: [string, unknown]) => {
    const at = { ...place, feature: key }
    checkName(key, 'the name', at)
    const { of, mark } = undefaulted(given)
    if (viewsOf(source) !== undefined && isValued(of)) {
      const old = oldNameOf(given) ?? oldNameOf(of)
      return [mark({ kind: 'viewed', ...plannedExpression(key, of, zone, old) } satisfies ViewedFeature)]
    }
    if (!isFeatures(given))
      throw invalid(at, `it is not a feature; an aggregate needs a window: .over('7d'), .overLast(10) or .lifetime()`)
    return given.plans(key, at)
  })
}

/** Refuses windows that make no sense on the view's grid, or for its entity. */
export function checkWindows(features: readonly FeaturePlan[], grid: GridPlan, entity: EntityPlan, place: Place): void {
  for (const feature of features) {
    const kind = featureKind(feature)
    if (kind.stage !== 'facts') continue
    for (const { window } of kind.parts(feature)) {
      const at = { ...place, feature: feature.name }
      const refused = windowKind(window).refuses?.(window, grid)
      if (refused !== undefined) throw invalid(at, refused)
      const anchor = windowKind(window).anchor?.(window)
      if (anchor !== undefined) checkAnchor(anchor, entity, at)
    }
  }
}

/** Refuses names that the view's table cannot have. */
export function checkFeatureNames(features: readonly FeaturePlan[], entity: EntityPlan, place: Place): void {
  if (features.length > mostFeatures) {
    throw invalid(place, `it has ${features.length} features; a view holds at most ${mostFeatures}: split it`)
  }
  for (const { name } of features) {
    const at = { ...place, feature: name }
    checkName(name, 'the name', at)
    checkNotReserved(name, 'the name', at)
    if (entity.keys.some((key) => key.name === name)) {
      throw invalid(at, `a key column of entity '${entity.name}' has the same name; choose another`)
    }
  }
  checkDistinct(
    features.map(({ name }) => name),
    'features',
    place,
  )
}
