import { durationMicros, type Duration } from '../../define/duration.ts'
import type { AnyFeatureView } from '../../define/feature-view.ts'
import type { AnyDimension } from '../../define/features/view-builder.ts'
import { gridStep } from '../../define/grid.ts'
import { invalid } from '../../define/invalid-definition.ts'
import { knownZone } from '../../define/sources/zone.ts'
import { freezeDeep } from '../../plan/canonical-json.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { GridSpinePlan } from '../../plan/spine-plan.ts'
import { viewsOf } from '../../vocabulary/sources/list.ts'
import { instantInZone } from './instant-in-zone.ts'

/** A spine of everybody in a population, at every time of a grid. */
export interface GridSpine {
  readonly kind: 'everyGrid'
  readonly plan: GridSpinePlan
}

/** What has a population, and a sentence for what has none. */
export type Populated<O> = O extends AnyDimension | AnyFeatureView | ViewPlan
  ? O
  : O extends { readonly kind: 'fact' }
    ? 'a fact has no population; name a view of it, or use whenever(fact) for a row before each event'
    : O extends { readonly kind: 'service' }
      ? 'a service reads several views; name the one whose entities the rows are of'
      : 'only a dimension or a feature view has a population'

export interface GridSpineSpec<O> {
  /** A dimension: whoever it has at the time of the row. A view: whoever it would serve a row of at that time. */
  readonly of: Populated<O>
  /** The first moment that rows may have. Text without a zone is read by the clock of `zone`. */
  readonly from: Date | string
  /** The end, exclusively. */
  readonly to: Date | string
  /** The step of the grid, as of a view: it divides a day evenly, or is a whole number of days. */
  readonly every: Duration
  /** The IANA zone whose midnights the grid has. @default 'UTC' */
  readonly zone?: string
  /** How long after each time of the grid the row is, such as the view's delay. @default '0h' */
  readonly after?: Duration
}

/**
 * A spine with a row for everybody in a population at every time of a grid, made in the warehouse.
 * Throws INVALID_DEFINITION, and INVALID_INSTANT for what is not a point in time.
 *
 * @example everyGrid({ of: customerUsage, from: '2026-01-01', to: '2026-04-01', every: '1d', after: '6h' })
 */
export function everyGrid<O>(spec: GridSpineSpec<O>): GridSpine {
  const place = { spine: 'everyGrid' }
  const every = gridStep(spec.every, place)
  const zone = spec.zone === undefined ? 'UTC' : knownZone(spec.zone, place)
  const after = durationMicros(spec.after ?? '0h', 'after', place)
  const from = instantInZone(spec.from, zone, 'from of everyGrid')
  const to = instantInZone(spec.to, zone, 'to of everyGrid')
  if (from >= to)
    throw invalid(place, `from ${isoText(from)} is not before to ${isoText(to)}; rows lie in [from, to), so swap them`)
  const plan = freezeDeep({
    kind: 'everyGrid',
    population: populationOf(spec.of),
    every,
    zone,
    after,
    from,
    to,
  } as const)
  return Object.freeze({ kind: 'everyGrid', plan })
}

function populationOf(of: unknown): GridSpinePlan['population'] {
  if (isDimension(of)) return { of: 'dimension', dimension: of.plan }
  if (isView(of)) return { of: 'view', view: withPopulation(of.plan) }
  if (isViewPlan(of)) return { of: 'view', view: withPopulation(of) }
  throw invalid({ spine: 'everyGrid' }, 'of must be a dimension or a feature view, which have a population')
}

/** A view over other views has whoever has a row in one of them, each at times of its own. */
function withPopulation(view: ViewPlan): ViewPlan {
  const read = viewsOf(view.source)?.views
  if (read === undefined) return view
  const names = read.map(({ name }) => `'${name}'`).join(', ')
  const place = { spine: 'everyGrid', view: view.name }
  throw invalid(
    place,
    `it is made of other views; name one of them (${names}), or the dimension that says who is there`,
  )
}

function isDimension(of: unknown): of is AnyDimension {
  return typeof of === 'object' && of !== null && 'kind' in of && of.kind === 'dimension'
}

function isView(of: unknown): of is AnyFeatureView {
  return typeof of === 'object' && of !== null && 'kind' in of && of.kind === 'view'
}

function isViewPlan(of: unknown): of is ViewPlan {
  return typeof of === 'object' && of !== null && 'grid' in of && 'features' in of
}

function isoText(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString()
}

/** The population in words: `view usage`, `dimension mart.customers`. */
export function populationText({ population }: GridSpinePlan): string {
  return population.of === 'view' ? `view ${population.view.name}` : `dimension ${population.dimension.table}`
}
