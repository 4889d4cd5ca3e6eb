import type { EntityPlan, EventsPlan, PrecomputedPlan, SourcePlan } from '../../plan/source-plan.ts'
import { age, type Age } from './age.ts'
import { aggregateBuilder, type AggregateBuilder } from './aggregate-builder.ts'
import { anchorAge } from './anchor-age.ts'
import {
  attribute,
  checkDescribes,
  type AttributeColumn,
  type AttributeOptions,
  type AttributeValue,
  type Leaks,
} from './attribute.ts'
import { calendarBuilder, type CalendarBuilder } from './calendar-builder.ts'
import type { Row } from '../sources/columns.ts'
import type { Dimension } from '../sources/dimension.ts'
import type { AnyEntity, Entity } from '../sources/entity.ts'
import type { Fact } from '../sources/fact.ts'
import { expressionRow, type ExpressionRow, type NullIn } from '../expressions/expression-row.ts'
import type { AnyAnchor } from './event.ts'
import { single, type Defaultable, type Gridded } from './features.ts'
import { invalid } from '../invalid-definition.ts'
import type { Precomputed } from '../sources/precomputed.ts'
import type { ColumnFeature } from '../../vocabulary/features/column.ts'
import { sourceKind, viewsOf } from '../../vocabulary/sources/list.ts'
import { columnNamed } from '../sources/source.ts'
import type { AnyViews, ViewsRow } from '../sources/views.ts'
import { via, type KeyValue, type Via } from './via.ts'

export type AnyDimension = Dimension<Row, AnyEntity, boolean>
export type AnyFact = Fact<Row, AnyEntity>
/** A source of events of whatever kind: a fact, or one that reads as such. */
export interface EventsSource<R extends Row, E extends AnyEntity> {
  readonly kind: string
  readonly plan: EventsPlan
  readonly '~row'?: R
  readonly '~entity'?: E
}
export type AnySource = EventsSource<Row, AnyEntity> | AnyDimension | Precomputed<Row, AnyEntity>

/** What a view over a fact may be made of. */
export interface FactBuilder<R, E> extends AggregateBuilder<R>, CalendarBuilder, ViaBuilder<E> {
  /** Days, with fractions, from the newest fact before T to T. */
  age(): Age<R>
  /** Days, with fractions, from the newest such event before T to T; null when there is none. */
  age<A extends AnyAnchor>(anchor: FittingAnchor<A, E>): Gridded<number | null, ''>
  /** A column of a dimension of the same entity, as of T; null when the dimension has no row then. */
  attribute<D extends AnyDimension, C extends string, const O extends AttributeOptions = AttributeOptions>(
    dimension: FittingDimension<D, E, O>,
    column: AttributeColumn<C, RowIn<D>>,
    options?: O,
  ): Gridded<AttributeValue<RowIn<D>, C>, ''>
}

/** What a view over other views may be made of beside their features. */
export interface ViewsBuilder<E> extends CalendarBuilder, ViaBuilder<E> {
  /** A column of a dimension of the same entity, as of T; null when the dimension has no row then. */
  attribute<D extends AnyDimension, C extends string, const O extends AttributeOptions = AttributeOptions>(
    dimension: FittingDimension<D, E, O>,
    column: AttributeColumn<C, RowIn<D>>,
    options?: O,
  ): Gridded<AttributeValue<RowIn<D>, C>, ''>
}

/** What views of an entity may read of others. */
export interface ViaBuilder<E> {
  /**
   * The entity that an attribute of the view's entity names at T, for attributes of it.
   *
   * @example f.via(vehicles, 'home_site_id').attribute(sites, 'region')
   */
  via<D extends AnyDimension, C extends string, const O extends AttributeOptions = AttributeOptions>(
    dimension: FittingDimension<D, E, O>,
    column: AttributeColumn<C, RowIn<D>>,
    options?: O,
  ): Via<KeyValue<RowIn<D>, C>>
}

/** What a view over a dimension may be made of. */
export interface DimensionBuilder<R, H, E = AnyEntity> extends CalendarBuilder, ViaBuilder<E> {
  /** A column of the dimension as of T; null when the dimension has no row then. */
  attribute<C extends string, const O extends AttributeOptions = AttributeOptions>(
    column: H extends true
      ? AttributeColumn<C, R>
      : O extends { withoutHistory: 'allow' }
        ? AttributeColumn<C, R>
        : Leaks,
    options?: O,
  ): Gridded<AttributeValue<R, C>, ''>
}

/** What a view over precomputed rows may be made of. */
export interface PrecomputedBuilder<R> extends Pick<CalendarBuilder, 'calendar'> {
  /** A column as it stands in the newest row whose time + delay has come. */
  column<C extends string>(
    column: C extends keyof R ? C : `this table has no column '${C}'`,
  ): Gridded<ColumnValue<R, C>, ''>
}

type ColumnValue<R, C extends string> = C extends keyof R ? NonNullable<R[C]> | NullIn<R[C]> : never

/** The builder that fits a view's source; without a source, the calendar. Of other views, their features. */
export type BuilderOf<S, E> = S extends { readonly plan: EventsPlan; readonly '~row'?: infer R }
  ? FactBuilder<R, E>
  : S extends Dimension<infer R, AnyEntity, infer H>
    ? DimensionBuilder<R, H, E>
    : S extends { readonly kind: 'precomputed'; readonly '~row'?: infer R }
      ? PrecomputedBuilder<R>
      : S extends AnyViews
        ? ExpressionRow<ViewsRow<S>>
        : CalendarBuilder

/** What comes beside the features of other views; nothing otherwise. */
export type MoreOf<S, E> = S extends AnyViews ? ViewsBuilder<E> : undefined

type RowIn<D> = D extends { readonly '~row'?: infer R } ? R : never
type EntityIn<D> = D extends { readonly '~entity'?: infer E } ? E : never
type NameIn<E> = E extends Entity<infer N, Row> ? N : never
type FittingAnchor<A, E> =
  E extends EntityIn<A> ? A : `this event is one of entity '${NameIn<EntityIn<A>>}', not of entity '${NameIn<E>}'`
type FittingDimension<D, E, O> =
  EntityIn<D> extends E
    ? D extends Dimension<Row, AnyEntity, true>
      ? D
      : O extends { withoutHistory: 'allow' }
        ? D
        : Leaks
    : `this dimension describes entity '${NameIn<EntityIn<D>>}', not entity '${NameIn<E>}'`

export interface AnyBuilder extends Partial<AggregateBuilder<Row>>, Pick<CalendarBuilder, 'calendar'> {}

/** The builder of a view's features at run time: what fits its source. */
export function viewBuilder(source: SourcePlan | null, entity: EntityPlan): AnyBuilder {
  const calendar = calendarBuilder()
  if (source === null) return Object.freeze(calendar)
  const kind = sourceKind(source)
  const rows = kind.passedThrough?.(source)
  if (rows !== undefined)
    return Object.freeze({
      calendar: calendar.calendar,
      column: (column: string) => precomputedColumn(rows, column),
    })
  const attributes = kind.attributes?.(source)
  if (attributes !== undefined) {
    return Object.freeze({
      ...calendar,
      attribute: (column: string, options?: AttributeOptions) => attribute(attributes, column, options),
      via: via(entity),
    })
  }
  const events = kind.events?.(source)
  if (events === undefined) return Object.freeze(calendar)
  return Object.freeze({
    ...calendar,
    ...aggregateBuilder<Row>(events),
    age: (anchor?: AnyAnchor) => (anchor === undefined ? age<Row>(events) : anchorAge(anchor, entity)),
    attribute: attributeOf(entity),
    via: via(entity),
  })
}

/** What a function of `features` is given at run time: the builder, or the features of other views and what comes beside. */
export function builderArguments(
  source: SourcePlan | null,
  entity: EntityPlan,
): readonly [builder: unknown, more: unknown] {
  if (viewsOf(source) === undefined) return [viewBuilder(source, entity), undefined]
  const more = Object.freeze({ ...calendarBuilder(), attribute: attributeOf(entity), via: via(entity) })
  return [expressionRow<Row>(source?.columns ?? [], 'feature of the views that it reads'), more]
}

function precomputedColumn(source: PrecomputedPlan, column: string): Defaultable<unknown, ''> {
  return single((name, place) => {
    const { type, nullable } = columnNamed(source.columns, column, 'table', place)
    return { kind: 'column', name, type, nullable, column } satisfies ColumnFeature
  })
}

function attributeOf(entity: EntityPlan) {
  return (dimension: AnyDimension | undefined, column: string, options?: AttributeOptions): Defaultable<unknown, ''> =>
    single((name, place) => {
      if (dimension?.kind !== 'dimension') throw invalid(place, 'attribute() takes a dimension and a column of it')
      const { plan } = dimension
      checkDescribes(plan, entity, place)
      const [feature] = attribute(plan, column, options).plans(name, place)
      if (feature === undefined) throw invalid(place, 'it has no column')
      return feature
    })
}
