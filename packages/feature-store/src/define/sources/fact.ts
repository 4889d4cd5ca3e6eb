import { freezeDeep } from '../../plan/canonical-json.ts'
import { sourceKeys, type FactPlan } from '../../plan/source-plan.ts'
import { sourceColumns, type ColumnOf, type Row, type RowOf, type Shape } from './columns.ts'
import type { Dimension } from './dimension.ts'
import type { AnyEntity } from './entity.ts'
import type { EventRow } from '../expressions/event-row.ts'
import type { IntervalMark } from '../features/intervals.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkTable } from '../names.ts'
import { plannedChecks, type DeclareChecks } from './checks.ts'
import {
  roleColumn,
  sequenceColumn,
  tableEntities,
  type EntityIn,
  type KeyedByAll,
  type KeyedEntity,
} from './source.ts'
import { computedColumns, type ComputedMap, type NewColumns, type WithComputed } from './with-computed.ts'
import {
  joinedPlan,
  type AddedEntities,
  type AnyJoinedDimension,
  type FittingJoin,
  type WithAttributes,
  type WithDimension,
} from './with-dimension.ts'
import { planZones, type ZoneSpec } from './zone.ts'

/** A table of events with a time: readings, shipments, transactions. */
export interface Fact<R extends Row, E extends AnyEntity> {
  readonly kind: 'fact'
  readonly plan: FactPlan
  readonly '~row'?: R
  readonly '~entity'?: E
  /**
   * The same fact with columns that are computed from those of each event, to be used as any other, but not as a key.
   *
   * @example sales.with((r) => ({ revenue: r.quantity.mul(r.price) }))
   */
  with<D extends ComputedMap>(compute: (row: EventRow<R>) => NewColumns<R, D> & D): Fact<WithComputed<R, D>, E>
  /**
   * The same fact with columns of a dimension as they were at each event's time; null where the dimension has no such
   * row. `on` names the fact's columns that hold the dimension's keys.
   *
   * @example telemetry.with(vehicles, { on: { vehicle_id: 'vehicle_id' }, columns: ['depot_id'], entities: [depot] })
   */
  with<DR extends Row, DE extends AnyEntity, H extends boolean, const O extends WithDimension>(
    dimension: Dimension<DR, DE, H>,
    options: O & FittingJoin<R, DR, DE, H, O>,
  ): Fact<WithAttributes<R, DR, O>, E | EntityIn<AddedEntities<O>>>
}

export interface FactSpec<S extends Shape, E extends readonly KeyedEntity[]> {
  readonly columns: S
  /**
   * The entities that rows belong to; each one's key columns are columns of this table, under other names with
   * `customer.from({ … })`.
   */
  readonly entities: KeyedByAll<RowOf<S>, E>
  /** When it happened. */
  readonly eventTime: ColumnOf<RowOf<S>, Date>
  /** When the row arrived: a row counts in the features for T only if it had arrived by T + delay. */
  readonly knownAt?: ColumnOf<RowOf<S>, Date>
  /** Orders events of one entity and one instant, for `first` and `last`. */
  readonly sequence?: ColumnOf<RowOf<S>, number | string | Date>
  /**
   * The IANA zone of times in columns without one: of all of them, or `{ column: zone }`. Columns with a time zone
   * are instants whatever it says.
   * @default UTC
   */
  readonly zone?: ZoneSpec<ColumnOf<RowOf<S>, Date>>
  /** Business rules of its rows: `(c) => ({ one_row_per_order: c.unique('order_id') })`. */
  readonly checks?: DeclareChecks<RowOf<S>>
}

/** Declares a fact table of the warehouse. */
export function fact<S extends Shape, const E extends readonly KeyedEntity[]>(
  table: string,
  spec: FactSpec<S, E>,
): Fact<RowOf<S>, EntityIn<E[number]>> {
  const place = { fact: table }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(table, spec, place)))
  return factOf(plan)
}

export interface IntervalsSpec<S extends Shape, E extends readonly KeyedEntity[], N extends string> extends Omit<
  FactSpec<S, E>,
  'eventTime'
> {
  /** When it began. */
  readonly start: ColumnOf<RowOf<S>, Date>
  /** When it ended, exclusively; null in a row: it still lasts. */
  readonly end: N extends ColumnOf<RowOf<S>, Date> ? N : `this table has no column of times '${N}'`
}

/** A row of intervals without its end, which is not known before it has come. */
export type IntervalOf<R extends Row, N extends string> = {
  readonly [K in Exclude<keyof R, N> | IntervalMark]: K extends keyof R ? R[K] : true
}

/**
 * Declares a fact table whose rows hold over `[start, end)`: shifts, outages, charging sessions. A row counts as an event
 * at its start, and `overlap()` and `open()` are about how long it lasts.
 */
export function intervals<S extends Shape, const E extends readonly KeyedEntity[], const N extends string>(
  table: string,
  spec: IntervalsSpec<S, E, N>,
): Fact<IntervalOf<RowOf<S>, N>, EntityIn<E[number]>> {
  const place = { fact: table }
  return factOf(freezeDeep(evaluate(place, 'its definition is wrong', () => intervalsPlan(table, spec, place))))
}

function intervalsPlan<S extends Shape, E extends readonly KeyedEntity[]>(
  table: string,
  { start, end, ...spec }: IntervalsSpec<S, E, string>,
  place: Place,
): FactPlan {
  const plan = planOf(table, { ...spec, eventTime: start }, place, 'start')
  const ends = roleColumn(plan.columns, end, 'end', ['timestamp'], place)
  if (ends === start) throw invalid(place, `start and end are the same column, '${start}'`)
  if (ends === plan.sequence)
    throw invalid(place, `sequence cannot be the end, '${ends}', which is not known before it`)
  const key = plan.entities.find((entity) => sourceKeys(plan, entity).includes(ends))
  if (key !== undefined) throw invalid(place, `the end, '${ends}', cannot be a key of entity '${key.name}'`)
  return { ...plan, end: ends }
}

function factOf<R extends Row, E extends AnyEntity>(plan: FactPlan): Fact<R, E> {
  const place = { fact: plan.table }
  function more<D extends ComputedMap>(compute: (row: EventRow<R>) => NewColumns<R, D> & D): Fact<WithComputed<R, D>, E>
  function more<DR extends Row, DE extends AnyEntity, H extends boolean, const O extends WithDimension>(
    dimension: Dimension<DR, DE, H>,
    options: O & FittingJoin<R, DR, DE, H, O>,
  ): Fact<WithAttributes<R, DR, O>, E | EntityIn<AddedEntities<O>>>
  function more(
    given: ((row: EventRow<R>) => unknown) | Pick<AnyJoinedDimension, 'kind' | 'plan'>,
    options?: WithDimension,
  ): Fact<Row, AnyEntity> {
    if (isDimension(given))
      return factOf(
        freezeDeep(evaluate(place, 'its with is wrong', () => joinedPlan(plan, given.plan, options, place))),
      )
    const added = computedColumns<R>(plan, given, place)
    return factOf(freezeDeep({ ...plan, computed: [...(plan.computed ?? []), ...added] }))
  }
  return Object.freeze({ kind: 'fact', plan, with: more } satisfies Fact<R, E>)
}

function isDimension(given: unknown): given is Pick<AnyJoinedDimension, 'kind' | 'plan'> {
  return typeof given === 'object' && given !== null && 'kind' in given && given.kind === 'dimension'
}

function planOf<S extends Shape, E extends readonly KeyedEntity[]>(
  table: string,
  spec: FactSpec<S, E>,
  place: Place,
  time = 'eventTime',
): FactPlan {
  checkTable(table, place)
  const columns = sourceColumns(spec.columns, place)
  if (!Array.isArray(spec.entities) || spec.entities.length === 0)
    throw invalid(place, 'it names no entities; list at least one')
  const { entities, ...named } = tableEntities(spec.entities, columns, place)
  return {
    kind: 'fact',
    table,
    columns,
    ...planZones(spec.zone, columns, place),
    ...plannedChecks(spec.checks, columns, place),
    entities,
    ...named,
    eventTime: roleColumn(columns, spec.eventTime, time, ['timestamp'], place),
    knownAt: spec.knownAt === undefined ? null : roleColumn(columns, spec.knownAt, 'knownAt', ['timestamp'], place),
    sequence: spec.sequence === undefined ? null : sequenceColumn(columns, spec.sequence, place),
  }
}
