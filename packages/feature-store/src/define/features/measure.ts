import type { ColumnType } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'
import type { AggregatePlan, CombinedPlan } from '../../plan/feature-plan.ts'
import type { AggregateKind } from '../../vocabulary/aggregates/aggregate-kind.ts'
import type { EventsPlan, SourceColumn } from '../../plan/source-plan.ts'
import { aggregateKind } from '../../vocabulary/aggregates/list.ts'
import { anonymousColumn, eventColumns, isComputed } from '../../vocabulary/sources/computed.ts'
import { checkEventExpression, eventRow, type EventRow } from '../expressions/event-row.ts'
import { positiveMicros } from '../duration.ts'
import { evaluate, invalid, type Place } from '../invalid-definition.ts'
import { isValued, type Valued } from '../expressions/operand.ts'
import type { Row } from '../sources/columns.ts'
import { columnNamed } from '../sources/source.ts'

/** A condition over the columns of a fact; rows for which it is false or null do not count. */
export type Predicate<R> = (row: EventRow<R>) => Valued<boolean | null>

/** An aggregate as the user wrote it: not checked yet, because the name of its feature is not known yet. */
export type Measure<R> = PlainMeasure<R> | RatioMeasure<R> | TestMeasure<R>

interface PlainMeasure<R> {
  readonly function: string
  /** Columns, or expressions over them, as many as the aggregate is of. */
  readonly columns: readonly unknown[]
  /** What was given behind them: parameters, and options last. */
  readonly rest: readonly unknown[]
  readonly where: readonly Predicate<R>[]
}

interface RatioMeasure<R> {
  readonly function: 'ratio'
  readonly numerator: Measure<R>
  readonly denominator: Measure<R>
}

interface TestMeasure<R> {
  readonly function: 'any' | 'all'
  readonly condition: Predicate<R>
  readonly where: readonly Predicate<R>[]
}

export interface PlannedMeasure {
  readonly aggregate: AggregatePlan | CombinedPlan
  readonly type: ColumnType
  readonly nullable: boolean
}

/** Adds a condition; to both sides of a ratio. */
export function filtered<R>(measure: Measure<R>, predicate: Predicate<R>): Measure<R> {
  if ('where' in measure) return { ...measure, where: [...measure.where, predicate] }
  return {
    ...measure,
    numerator: filtered(measure.numerator, predicate),
    denominator: filtered(measure.denominator, predicate),
  }
}

/** Checks an aggregate against its fact and plans it. */
export function planMeasure<R>(measure: Measure<R>, fact: EventsPlan, place: Place): PlannedMeasure {
  if ('condition' in measure) return planTest(measure, fact, place)
  if ('columns' in measure) return planAggregate(measure, fact, place)
  const numerator = ratioSide(measure.numerator, fact, place)
  const denominator = ratioSide(measure.denominator, fact, place)
  return { aggregate: { function: 'ratio', numerator, denominator }, type: 'double', nullable: true }
}

/** The count of the rows for which the condition is true, and for `all` that of all rows. */
function planTest<R>(
  { function: name, condition, where }: TestMeasure<R>,
  fact: EventsPlan,
  place: Place,
): PlannedMeasure {
  if (typeof condition !== 'function')
    throw invalid(place, `${name} takes a condition, like f.${name}((row) => row.kwh.gt(0))`)
  const one: Expression = { kind: 'literal', value: 1 }
  const none: Expression = { kind: 'literal', value: null }
  // oxlint-disable-next-line unicorn/no-thenable -- the plan's word for a branch's value; never awaited
  const branch = { when: conditionOf(condition, fact, place), then: one }
  const column = anonymousColumn({
    expression: { kind: 'case', branches: [branch], otherwise: none },
    type: 'bigint',
    nullable: true,
  })
  const rows: AggregatePlan = { function: 'count', column: null, where: planWhere(where, fact, place) }
  const matching: AggregatePlan = { ...rows, column: column.name, computed: [column] }
  return name === 'any'
    ? { aggregate: { function: name, matching }, type: 'boolean', nullable: false }
    : { aggregate: { function: name, matching, rows }, type: 'boolean', nullable: true }
}

function ratioSide<R>(side: Measure<R>, fact: EventsPlan, place: Place): AggregatePlan {
  if (!('columns' in side) || aggregateKind(side.function).empty !== 0)
    throw invalid(place, `a ratio is of two sums, counts or distinct counts, not of ${side.function}`)
  if (aggregateKind(side.function).spans === true)
    throw invalid(place, `a ratio is of two sums, counts or distinct counts, not of ${side.function}; divide in derive`)
  return planAggregate(side, fact, place).aggregate
}

function planAggregate<R>(
  measure: PlainMeasure<R>,
  fact: EventsPlan,
  place: Place,
): PlannedMeasure & { readonly aggregate: AggregatePlan } {
  const { function: name, where: predicates } = measure
  const where = planWhere(predicates, fact, place)
  const kind = aggregateKind(name)
  if (kind.spans === true && fact.end === undefined)
    throw invalid(place, `${name}() is of intervals; declare '${fact.table}' with intervals(…, { start, end })`)
  if (measure.columns.length < kind.arity)
    throw invalid(place, `${name} is of ${kind.arity === 1 ? 'a column' : `${kind.arity} columns`} of the fact`)
  const columns = measure.columns.map((one) => measuredColumn(one, fact, place))
  const refused = kind.refuses?.(columns)
  if (refused !== undefined) throw invalid(place, refused)
  const [first, second] = columns
  const computed = columns.filter(isComputed).filter((one) => !eventColumns(fact).includes(one))
  const aggregate: AggregatePlan = {
    function: name,
    column: first?.name ?? null,
    ...(second === undefined ? {} : { second: second.name }),
    ...planParameters(kind, measure.rest, place),
    where,
    ...(computed.length === 0 ? {} : { computed }),
  }
  return { aggregate, type: kind.type(first?.type ?? 'bigint'), nullable: kind.empty === null }
}

function planParameters(
  kind: AggregateKind,
  given: readonly unknown[],
  place: Place,
): Pick<AggregatePlan, 'parameters' | 'approximate'> {
  const options = given.find((one) => typeof one === 'object' && one !== null)
  const approximate = options !== undefined && 'approximate' in options && options.approximate === true
  if (approximate && kind.approximate === undefined)
    throw invalid(place, `${kind.name} has no approximate form; leave the option away`)
  const parameters = kind.parameters?.(given, (text, role) => positiveMicros(String(text), role, place))
  if (typeof parameters === 'string') throw invalid(place, parameters)
  return { ...(parameters === undefined ? {} : { parameters }), ...(approximate ? { approximate: true } : {}) }
}

function measuredColumn(given: unknown, fact: EventsPlan, place: Place): SourceColumn {
  if (typeof given !== 'function') return columnNamed(eventColumns(fact), String(given), 'fact', place)
  const value: unknown = evaluate(place, 'its value is wrong', (): unknown => given(eventRow<Row>(fact)))
  if (!isValued(value))
    throw invalid(place, 'it must be of a column or of an expression, like (r) => r.quantity.mul(r.price)')
  const { expression } = value.typed
  checkEventExpression(expression, 'its value', place)
  // A column by itself is that column.
  if (expression.kind === 'column') return columnNamed(eventColumns(fact), expression.name, 'fact', place)
  return anonymousColumn(value.typed)
}

/** Joins conditions with `and`, checked against the fact's columns. */
export function planWhere<R>(predicates: readonly Predicate<R>[], fact: EventsPlan, place: Place): Expression | null {
  const [first, ...rest] = predicates.map((predicate) => conditionOf(predicate, fact, place))
  return first === undefined
    ? null
    : rest.reduce((left, right): Expression => ({ kind: 'binary', operator: 'and', left, right }), first)
}

function conditionOf<R>(predicate: Predicate<R>, fact: EventsPlan, place: Place): Expression {
  const result: unknown = evaluate(place, 'its where is wrong', () => predicate(eventRow<R>(fact)))
  if (!isValued(result) || result.typed.type !== 'boolean')
    throw invalid(place, 'its where must return a condition, like row.kwh.gt(0)')
  const { expression } = result.typed
  checkEventExpression(expression, 'its where', place)
  return expression
}
