import type { Expression, Scalar } from '../../plan/expression.ts'
import type { EventsPlan, SourceColumn } from '../../plan/source-plan.ts'
import { eventColumns } from '../../vocabulary/sources/computed.ts'
import type { Duration } from '../duration.ts'
import { familyOf, familyText, literal, type Valued } from '../expressions/operand.ts'
import { invalid, type Place } from '../invalid-definition.ts'
import { columnNamed } from '../sources/source.ts'
import type { Whole, Windowed } from './aggregate.ts'
import { alongWords, type AlongWords } from './along.ts'
import { calendarWords, type CalendarWords, type EachFeature } from './calendar-windows.ts'
import { featuresOf, type Defaultable, type Planned, type Plans, type Gridded } from './features.ts'
import { filtered, type Measure, type Predicate } from './measure.ts'
import { lastRows, lifetimeOf, openOf, overWindow, windows, type TimeWindows } from './windowed-plans.ts'
import type { PivotOptions } from './pivot-names.ts'
import { sinceWords, type SinceWords } from './since.ts'

/** An aggregate for each of several values of a column; a window makes features of them, named `key_value_7d`. */
export interface Pivoted<V, N extends string, R>
  extends CalendarWords<V, `_${N}`>, SinceWords<V, `_${N}`>, AlongWords<V, R, `_${N}`> {
  readonly '~value'?: V
  /** One feature for each value and window, named `key_web_7d`. */
  over<const W extends readonly [Duration, ...Duration[]]>(...windows: Whole<W>): Windowed<V, `${N}_${W[number]}`>
  /** One feature for each value and number of newest rows, named `key_web_last10`. */
  overLast<const C extends readonly [number, ...number[]]>(...rows: C): Gridded<V, `_${N}_last${C[number]}`>
  /** Everything before T, for each value; named `key_web`. */
  lifetime(): Defaultable<V, `_${N}`>
  /** The intervals that are open at T, for each value; named `key_web_open`. */
  open(): Gridded<V, `_${N}_open`>
}

/** What a pivot is told. */
export interface GivenPivot {
  readonly column: unknown
  readonly values: unknown
  readonly options: PivotOptions | undefined
}

export function pivot<V, R, N extends string>(
  fact: EventsPlan,
  measure: Measure<R>,
  given: GivenPivot,
): Pivoted<V, N, R> {
  const each = (make: (of: Measure<R>) => Planned): Plans =>
    featuresOf((key, place) =>
      pivotCases<R>(fact, given, place).flatMap(({ name, predicate }) =>
        make(filtered(measure, predicate)).plans(`${key}_${name}`, place),
      ),
    )
  const timed = (given: TimeWindows): Plans => each((of) => windows(fact, of, given))
  const every: EachFeature = (planned) =>
    each((of) => planned((name, window, place) => overWindow(fact, of, name, window, place)))
  return Object.freeze({
    ...calendarWords<V, `_${N}`>(every),
    ...alongWords<V, R, `_${N}`>(fact, every),
    ...sinceWords<V, `_${N}`>(every),
    over: (...lengths: readonly string[]) => ({
      ...timed({ lengths }),
      shift: (by) => ({
        ...timed({ lengths, shift: by }),
        series: (count) => timed({ lengths, shift: by, series: count }),
      }),
      series: (count) => timed({ lengths, series: count }),
    }),
    overLast: (...rows) => each((of) => lastRows(fact, of, rows)),
    lifetime: () => each((of) => lifetimeOf(fact, of)),
    open: () => each((of) => openOf(fact, of)),
  } satisfies Pivoted<V, N, R>)
}

/** One value of a pivot, and the rows that have it. */
interface PivotCase<R> {
  readonly name: string
  readonly predicate: Predicate<R>
}

/** The cases of a pivot over a column of a fact. */
function pivotCases<R>(
  fact: EventsPlan,
  { column: name, values: given, options }: GivenPivot,
  place: Place,
): readonly PivotCase<R>[] {
  const column = columnNamed(eventColumns(fact), String(name), 'fact', place)
  const named = given === undefined ? members(column, place) : namedValues(column, given, place)
  if (named.length === 0) throw invalid(place, `by('${column.name}') names no value`)
  const read: Expression = { kind: 'column', name: column.name }
  const one = ([value, of]: readonly [string, Scalar]): PivotCase<R> => ({
    name: value,
    predicate: condition({ kind: 'binary', operator: 'equal', left: read, right: { kind: 'literal', value: of } }),
  })
  if (options?.rest !== true) return named.map(one)
  const known: Expression = { kind: 'oneOf', operand: read, values: named.map(([, value]) => value) }
  const others: Expression = {
    kind: 'binary',
    operator: 'or',
    left: { kind: 'isNull', operand: read },
    right: { kind: 'not', operand: known },
  }
  return [...named.map(one), { name: 'rest', predicate: condition(others) }]
}

function condition<R>(expression: Expression): Predicate<R> {
  const valued: Valued<boolean | null> = { typed: { expression, type: 'boolean', nullable: true } }
  return () => valued
}

type Named = readonly (readonly [name: string, value: Scalar])[]

function members(column: SourceColumn, place: Place): Named {
  const check = column.checks.find(({ kind }) => kind === 'enum')
  if (check?.kind !== 'enum') {
    const how = `.by('${column.name}', ['a', 'b'])`
    throw invalid(place, `column '${column.name}' of this fact is not an enum, so its values must be named: ${how}`)
  }
  return check.values.map((value) => [value, checkedValue(column, value, value, place)])
}

function namedValues(column: SourceColumn, given: unknown, place: Place): Named {
  if (Array.isArray(given)) {
    return given.map((value: unknown) => {
      if (typeof value !== 'string')
        throw invalid(place, `${String(value)} is no name; name it: .by('${column.name}', { name: ${String(value)} })`)
      return [value, checkedValue(column, value, value, place)]
    })
  }
  if (typeof given !== 'object' || given === null)
    throw invalid(place, `by('${column.name}', …) takes a list of values, or an object of values by name`)
  return Object.entries(given).map(([name, value]: [string, unknown]) => [
    name,
    checkedValue(column, name, value, place),
  ])
}

function checkedValue(column: SourceColumn, name: string, value: unknown, place: Place): Scalar {
  if (!/^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(name)) {
    const how = `.by('${column.name}', { name: '${name}' })`
    throw invalid(place, `value '${name}' makes no lower_snake name; name it: ${how}`)
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw invalid(place, `a value of column '${column.name}' is a text, a number or a boolean, not ${String(value)}`)
  if (familyOf(literal(value).type) !== familyOf(column.type))
    throw invalid(place, `column '${column.name}' is ${familyText(column.type)}, so '${value}' is not a value of it`)
  const check = column.checks.find(({ kind }) => kind === 'enum')
  if (check?.kind === 'enum' && !check.values.some((member) => member === value))
    throw invalid(place, `'${value}' is not a value of column '${column.name}'; it has ${check.values.join(', ')}`)
  return value
}
