import type { SourceColumn } from '../../plan/source-plan.ts'
import { isContinuous, type ViewPlan } from '../../plan/view-plan.ts'
import { viewColumnName, type ViewsPlan } from '../../plan/views-plan.ts'
import { viewCycle } from '../../vocabulary/sources/views.ts'
import type { AnyFeatureView, FeatureView } from '../feature-view.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { checkDistinct } from '../names.ts'
import type { EmptyRow, Row } from './columns.ts'
import type { AnyEntity } from './entity.ts'

/** Another view, or several of one entity. */
export type AnyViews = AnyFeatureView | readonly [AnyFeatureView, ...AnyFeatureView[]]

/** The features of other views as a view over them names them: of several, each after its view and possibly null. */
export type ViewsRow<S> =
  S extends FeatureView<string, AnyEntity, infer F, infer D>
    ? AsStored<F, D>
    : S extends readonly [FeatureView<string, AnyEntity, infer F, infer D>]
      ? AsStored<F, D>
      : S extends readonly unknown[]
        ? Joined<S>
        : EmptyRow
/** Rows keep the nulls of features that are served with a default. */
type AsStored<F, D> = [D] extends [never] ? F : { readonly [K in keyof F]: K extends D ? F[K] | null : F[K] }
type Joined<S extends readonly unknown[]> = S extends readonly [infer First, ...infer Rest]
  ? Prefixed<First> & Joined<Rest>
  : S extends readonly []
    ? EmptyRow
    : Row
type Prefixed<V> =
  V extends FeatureView<infer N, AnyEntity, infer F>
    ? { readonly [K in keyof F & string as `${N}__${K}`]: F[K] | null }
    : EmptyRow

export function isViews(from: unknown): from is AnyViews {
  return Array.isArray(from) || (typeof from === 'object' && from !== null && 'kind' in from && from.kind === 'view')
}

/** The plan of a source that is other views. */
export function viewsPlan(given: AnyViews, place: Place & { readonly view: string }): ViewsPlan {
  const views: readonly (AnyFeatureView | undefined)[] = 'kind' in given ? [given] : given
  const read = views.map((view) => {
    if (view?.kind === 'view' && (view.name !== view.plan.name || Object.keys(view.role).length > 0))
      throw invalid(place, `'${view.name}' is view '${view.plan.name}' in a role, which only services have`)
    if (view?.kind === 'view') return view
    throw invalid(place, 'a list in from can have feature views only; a fact or a dimension stands there alone')
  })
  const [first] = read
  if (first === undefined) throw invalid(place, 'from is an empty list; name at least one view')
  checkDistinct(
    read.map(({ name }) => name),
    'views in from',
    place,
  )
  for (const view of read) checkReadable(view.plan, first.plan, place)
  const plans = read.map(({ plan }) => plan)
  const columns = read.flatMap(({ plan, picked }) => viewColumnsOf(plan, picked, plans))
  const table = plans.map(({ name }) => `features.${name}`).join(', ')
  const plan: ViewsPlan = { kind: 'views', table, columns, zone: null, entity: first.plan.entity, views: plans }
  const cycle = viewCycle(place.view, plan)
  if (cycle !== undefined) throw invalid(place, `it reads itself (${cycle}); rename one of these views`)
  return plan
}

function viewColumnsOf(view: ViewPlan, picked: readonly string[], views: readonly ViewPlan[]): readonly SourceColumn[] {
  return view.features
    .filter(({ name }) => picked.includes(name))
    .map(({ name, type, nullable }) => ({
      name: viewColumnName(views, view.name, name),
      type,
      // An entity that has a row in another view need not have one here.
      nullable: nullable || views.length > 1,
      checks: [],
    }))
}

function checkReadable(view: ViewPlan, first: ViewPlan, place: Place): void {
  if (isContinuous(view))
    throw invalid(
      place,
      `view '${view.name}' is continuous, so it has no rows at the feature times of another view; read its fact instead, ` +
        'or compute from its features on demand',
    )
  if (view.entity.keys.length === 0)
    throw invalid(
      place,
      `view '${view.name}' is a calendar, the same for everybody; take parts of T with f.calendar() instead`,
    )
  const same = JSON.stringify(view.entity) === JSON.stringify(first.entity)
  if (same) return
  throw invalid(
    place,
    `view '${view.name}' is of entity '${view.entity.name}', and view '${first.name}' of entity '${first.entity.name}'; ` +
      'a view is over views of one entity',
  )
}
