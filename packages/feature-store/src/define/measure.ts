import { typeText, type ColumnType } from '@martlet/warehouse'
import type { Expression } from '../plan/expression.ts'
import type { AggregateFunction, AggregatePlan, RatioPlan } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { expressionRow, type ExpressionRow } from './expression-row.ts'
import { evaluate, invalid, type Place } from './invalid-definition.ts'
import { familyOf, isValued, type Valued } from './operand.ts'
import { columnNamed } from './source.ts'

/** A condition over the columns of a fact; rows for which it is false or null do not count. */
export type Predicate<R> = (row: ExpressionRow<R>) => Valued<boolean | null>

/** An aggregate as the user wrote it: not checked yet, because the name of its feature is not known yet. */
export type Measure<R> =
  | { readonly function: AggregateFunction; readonly column: string | null; readonly where: readonly Predicate<R>[] }
  | { readonly function: 'ratio'; readonly numerator: Measure<R>; readonly denominator: Measure<R> }

export interface PlannedMeasure {
  readonly aggregate: AggregatePlan | RatioPlan
  readonly type: ColumnType
  readonly nullable: boolean
}

/** Adds a condition; to both sides of a ratio. */
export function filtered<R>(measure: Measure<R>, predicate: Predicate<R>): Measure<R> {
  if (measure.function === 'ratio') {
    return {
      function: 'ratio',
      numerator: filtered(measure.numerator, predicate),
      denominator: filtered(measure.denominator, predicate),
    }
  }
  return { ...measure, where: [...measure.where, predicate] }
}

/** Checks an aggregate against its fact and plans it. */
export function planMeasure<R>(measure: Measure<R>, fact: FactPlan, place: Place): PlannedMeasure {
  if (measure.function !== 'ratio') {
    const { aggregate, type } = planAggregate(measure, fact, place)
    return { aggregate, type, nullable: !neverNull.has(measure.function) }
  }
  const numerator = ratioSide(measure.numerator, fact, place)
  const denominator = ratioSide(measure.denominator, fact, place)
  return { aggregate: { function: 'ratio', numerator, denominator }, type: 'double', nullable: true }
}

const neverNull: ReadonlySet<string> = new Set(['count', 'sum', 'distinct'])
const numeric = new Map<AggregateFunction, string>([
  ['sum', 'it cannot be summed'],
  ['mean', 'it has no mean'],
  ['stddev', 'it has no standard deviation'],
  ['variance', 'it has no variance'],
  ['slope', 'it has no slope'],
])

function ratioSide<R>(side: Measure<R>, fact: FactPlan, place: Place): AggregatePlan {
  if (side.function === 'ratio' || !neverNull.has(side.function)) {
    throw invalid(place, `a ratio is of two sums, counts or distinct counts, not of ${side.function}`)
  }
  return planAggregate(side, fact, place).aggregate
}

type Single<R> = Exclude<Measure<R>, { readonly function: 'ratio' }>

function planAggregate<R>(
  measure: Single<R>,
  fact: FactPlan,
  place: Place,
): { aggregate: AggregatePlan; type: ColumnType } {
  const { function: name, column } = measure
  const where = planWhere(measure.where, fact, place)
  if (column === null) return { aggregate: { function: name, column, where }, type: 'bigint' }
  const { type } = columnNamed(fact.columns, column, 'fact', place)
  const cannot = numeric.get(name)
  if (cannot !== undefined && familyOf(type) !== 'number') {
    throw invalid(place, `column '${column}' of this fact is not a number but ${typeText(type)}, so ${cannot}`)
  }
  if ((name === 'min' || name === 'max') && type === 'boolean') {
    throw invalid(place, `column '${column}' of this fact is a boolean, so it has no ${name}imum`)
  }
  return { aggregate: { function: name, column, where }, type: resultType(name, type) }
}

function resultType(name: AggregateFunction, type: ColumnType): ColumnType {
  if (name === 'count' || name === 'distinct') return 'bigint'
  if (name === 'sum')
    return typeof type === 'object' ? { decimal: [38, type.decimal[1]] } : type === 'double' ? 'double' : 'bigint'
  return numeric.has(name) ? 'double' : type
}

/** Joins conditions with `and`, checked against the fact's columns. */
export function planWhere<R>(predicates: readonly Predicate<R>[], fact: FactPlan, place: Place): Expression | null {
  const conditions = predicates.map((predicate) => {
    const result: unknown = evaluate(place, 'its where is wrong', () =>
      predicate(expressionRow<R>(fact.columns, 'column')),
    )
    if (!isValued(result) || result.typed.type !== 'boolean')
      throw invalid(place, 'its where must return a condition, like row.kwh.gt(0)')
    return result.typed.expression
  })
  const [first, ...rest] = conditions
  return first === undefined
    ? null
    : rest.reduce((left, right): Expression => ({ kind: 'binary', operator: 'and', left, right }), first)
}
