import { freezeDeep } from '../../plan/canonical-json.ts'
import type { PrecomputedPlan } from '../../plan/source-plan.ts'
import { sourceColumns, type ColumnOf, type Row, type RowOf, type Shape } from './columns.ts'
import type { AnyEntity } from './entity.ts'
import { evaluate, type Place } from '../invalid-definition.ts'
import { checkTable } from '../names.ts'
import { plannedChecks, type DeclareChecks } from './checks.ts'
import { roleColumn, tableEntity, type EntityIn, type KeyedBy, type KeyedEntity } from './source.ts'
import { planZones, type ZoneSpec } from './zone.ts'

/** A table whose rows are features already, each with its time: a dbt model. */
export interface Precomputed<R extends Row, E extends AnyEntity> {
  readonly kind: 'precomputed'
  readonly plan: PrecomputedPlan
  readonly '~row'?: R
  readonly '~entity'?: E
}

export interface PrecomputedSpec<S extends Shape, E extends KeyedEntity> {
  readonly columns: S
  readonly entity: KeyedBy<RowOf<S>, E>
  /** The time that a row's features describe. */
  readonly time: ColumnOf<RowOf<S>, Date>
  /**
   * When a row was written: it is not known before, as with `knownAt` of a fact; of two rows of one time the one
   * written last counts.
   */
  readonly created?: ColumnOf<RowOf<S>, Date>
  /**
   * The IANA zone of times in columns without one: of all of them, or `{ column: zone }`. Columns with a time zone
   * are instants whatever it says.
   * @default UTC
   */
  readonly zone?: ZoneSpec<ColumnOf<RowOf<S>, Date>>
  /** Business rules of its rows: `(c) => ({ one_row_per_order: c.unique('order_id') })`. */
  readonly checks?: DeclareChecks<RowOf<S>>
}

/** Declares a table of the warehouse that already holds features. */
export function precomputed<S extends Shape, E extends KeyedEntity>(
  table: string,
  spec: PrecomputedSpec<S, E>,
): Precomputed<RowOf<S>, EntityIn<E>> {
  const place = { precomputed: table }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(table, spec, place)))
  return Object.freeze({ kind: 'precomputed', plan })
}

function planOf<S extends Shape, E extends KeyedEntity>(
  table: string,
  spec: PrecomputedSpec<S, E>,
  place: Place,
): PrecomputedPlan {
  checkTable(table, place)
  const columns = sourceColumns(spec.columns, place)
  const keyed = tableEntity(spec.entity, columns, place)
  return {
    kind: 'precomputed',
    table,
    columns,
    ...planZones(spec.zone, columns, place),
    ...plannedChecks(spec.checks, columns, place),
    ...keyed,
    time: roleColumn(columns, spec.time, 'time', ['timestamp'], place),
    created: spec.created === undefined ? null : roleColumn(columns, spec.created, 'created', ['timestamp'], place),
  }
}
