import { freezeDeep } from '../../plan/canonical-json.ts'
import type { DimensionPlan } from '../../plan/source-plan.ts'
import { sourceColumns, type ColumnOf, type Row, type RowOf, type Shape } from './columns.ts'
import type { AnyEntity } from './entity.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkTable } from '../names.ts'
import { plannedChecks, type DeclareChecks } from './checks.ts'
import { roleColumn, sequenceColumn, tableEntity, type EntityIn, type KeyedBy, type KeyedEntity } from './source.ts'
import { planZones, type ZoneSpec } from './zone.ts'

/** Attributes of an entity. `H` says whether the table keeps history: which values were valid when. */
export interface Dimension<R extends Row, E extends AnyEntity, H extends boolean> {
  readonly kind: 'dimension'
  readonly plan: DimensionPlan
  readonly '~row'?: R
  readonly '~entity'?: E
  readonly '~history'?: H
}

export interface DimensionSpec<S extends Shape, E extends KeyedEntity, F extends string> {
  readonly columns: S
  readonly entity: KeyedBy<RowOf<S>, E>
  /**
   * Since when a row is valid. Without it the table keeps no history, and its attributes leak the present into the
   * past.
   */
  readonly validFrom?: F
  /**
   * Until when a row was valid, exclusively; null in a row: it still is. Absent: until the next row of the same
   * entity.
   */
  readonly validTo?: ColumnOf<RowOf<S>, Date>
  /**
   * Of two rows of one entity that begin at once, the one with the greater value counts.
   * @default the one that ends last, then the greatest values
   */
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

/** Declares a dimension table of the warehouse, with or without a validity interval `[validFrom, validTo)`. */
export function dimension<S extends Shape, E extends KeyedEntity, F extends ColumnOf<RowOf<S>, Date> = never>(
  table: string,
  spec: DimensionSpec<S, E, F>,
): Dimension<RowOf<S>, EntityIn<E>, [F] extends [never] ? false : true> {
  const place = { dimension: table }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(table, spec, place)))
  return Object.freeze({ kind: 'dimension', plan })
}

function planOf<S extends Shape, E extends KeyedEntity>(
  table: string,
  spec: DimensionSpec<S, E, string>,
  place: Place,
): DimensionPlan {
  checkTable(table, place)
  const columns = sourceColumns(spec.columns, place)
  const keyed = tableEntity(spec.entity, columns, place)
  if (spec.validTo !== undefined && spec.validFrom === undefined)
    throw invalid(place, 'it names validTo without validFrom')
  return {
    kind: 'dimension',
    table,
    columns,
    ...planZones(spec.zone, columns, place),
    ...plannedChecks(spec.checks, columns, place),
    ...keyed,
    validFrom:
      spec.validFrom === undefined
        ? null
        : roleColumn(columns, spec.validFrom, 'validFrom', ['timestamp', 'date'], place),
    validTo:
      spec.validTo === undefined ? null : roleColumn(columns, spec.validTo, 'validTo', ['timestamp', 'date'], place),
    ...(spec.sequence === undefined ? {} : { sequence: sequenceColumn(columns, spec.sequence, place) }),
  }
}
