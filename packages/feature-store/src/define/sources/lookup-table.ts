import { freezeDeep } from '../../plan/canonical-json.ts'
import type { LookupPlan } from '../../plan/source-plan.ts'
import { sourceColumns, type ColumnOf, type Row, type RowOf, type Shape } from './columns.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { checkTable } from '../names.ts'
import { plannedChecks, type DeclareChecks } from './checks.ts'
import { roleColumn, sequenceColumn } from './source.ts'
import { planZones, type ZoneSpec } from './zone.ts'

/**
 * What holds for everybody: bank holidays, tariffs, prices. `B` says what a row is about, `A` whether rows are known
 * before it begins.
 */
export interface LookupTable<R extends Row, B extends 'day' | 'interval', A extends boolean> {
  readonly kind: 'lookup'
  readonly plan: LookupPlan
  readonly '~row'?: R
  readonly '~about'?: B
  readonly '~ahead'?: A
}

export type AnyLookupTable = LookupTable<Row, 'day' | 'interval', boolean>

export interface LookupTableSpec<
  S extends Shape,
  D extends string,
  F extends string,
  N extends string,
  A extends boolean,
> {
  readonly columns: S
  /** The local date that a row is about, on the clock of the view that looks it up. Instead of `validFrom`. */
  readonly day?: D
  /** Since when a row is valid. Instead of `day`. */
  readonly validFrom?: F
  /** Until when a row is valid, exclusively; null in a row: for ever. Absent: until the next row begins. */
  readonly validTo?: ColumnOf<RowOf<S>, Date>
  /** When a row became known: it counts in the row for T only if that was by T + delay. */
  readonly knownAt?: N
  /** Whether every row is known before its day or interval begins, however far that lies ahead. */
  readonly knownAhead?: A
  /**
   * Of two rows of one day, or that begin at once, the one with the greater value counts.
   * @default the one that became known last, then the greatest values
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

/**
 * Declares a table of what holds for everybody, with a row per local day or with validity intervals.
 *
 * @example
 * const holidays = lookupTable('mart.dim_holiday', {
 *   columns: { date: z.iso.date(), name: z.string() }, day: 'date', knownAhead: true,
 * })
 */
export function lookupTable<
  S extends Shape,
  D extends ColumnOf<RowOf<S>, string> = never,
  F extends ColumnOf<RowOf<S>, Date> = never,
  N extends ColumnOf<RowOf<S>, Date> = never,
  const A extends boolean = false,
>(
  table: string,
  spec: LookupTableSpec<S, D, F, N, A>,
): LookupTable<RowOf<S>, [D] extends [never] ? 'interval' : 'day', [N] extends [never] ? A : true> {
  const place = { 'lookup table': table }
  const plan = freezeDeep(evaluate(place, 'its definition is wrong', () => planOf(table, spec, place)))
  return Object.freeze({ kind: 'lookup', plan })
}

function planOf<S extends Shape>(
  table: string,
  spec: LookupTableSpec<S, string, string, string, boolean>,
  place: Place,
): LookupPlan {
  checkTable(table, place)
  const columns = sourceColumns(spec.columns, place)
  const time = (name: string | undefined, role: string): string | null =>
    name === undefined ? null : roleColumn(columns, name, role, ['timestamp'], place)
  const [validFrom, validTo] = [time(spec.validFrom, 'validFrom'), time(spec.validTo, 'validTo')]
  const knownAt = time(spec.knownAt, 'knownAt')
  const knownAhead = spec.knownAhead ?? false
  if (spec.day === undefined && validFrom === null)
    throw invalid(place, `it must say what a row is about: day: 'date' for local days, or validFrom`)
  if (spec.day !== undefined && (validFrom !== null || validTo !== null))
    throw invalid(place, 'its rows are about days, so they have no validFrom and validTo')
  if (knownAt !== null && knownAhead)
    throw invalid(place, 'it says knownAhead, and with knownAt when each row became known; choose one')
  if (knownAt !== null && validFrom !== null && validTo === null)
    throw invalid(
      place,
      'with knownAt its intervals need validTo: which row comes next depends on what is known by then',
    )
  return {
    kind: 'lookup',
    table,
    columns,
    ...planZones(spec.zone, columns, place),
    ...plannedChecks(spec.checks, columns, place),
    day: spec.day === undefined ? null : roleColumn(columns, spec.day, 'day', ['date'], place),
    validFrom,
    validTo,
    knownAt,
    knownAhead,
    sequence: spec.sequence === undefined ? null : sequenceColumn(columns, spec.sequence, place),
  }
}
