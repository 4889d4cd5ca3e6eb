import { sql, typeText, type Leaves, type Sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { ExpressionRow } from '../../define/expressions/expression-row.ts'
import type { Valued } from '../../define/expressions/operand.ts'
import { isNumber } from '../../plan/column-family.ts'
import type { CheckPlan } from '../../plan/check-plan.ts'
import type { Expression } from '../../plan/expression.ts'
import { expressionColumns } from '../algebra/expression-columns.ts'
import { expressionSchema } from '../algebra/expression-schema.ts'
import { expressionSql } from '../algebra/expression-sql.ts'
import { expressionType } from '../algebra/expression-type.ts'
import type { Check, CheckedTable, CheckKind, CheckOptions, RowValue } from './check-kind.ts'
import { conditionText, type RowCondition } from './rows.ts'
import type { NumericColumn, PresentColumn, SomeColumn } from './typed-columns.ts'

/** A number of all rows that are looked at. */
export interface CheckedValue {
  readonly function: AggregateName
  readonly of: unknown
}

type NumberOf<R> = (row: ExpressionRow<R>) => Valued<number | null>
type AnyOf<R> = (row: ExpressionRow<R>) => Valued<unknown>

/** The aggregates that a check can bound. Nulls, and numbers that are not finite, are skipped by every one of them. */
export interface CheckedAggregates<R> {
  /** How many rows there are, or how many meet a condition. */
  count(condition?: RowCondition<R>): CheckedValue
  /** The share of rows that meet a condition, from 0 to 1, of those for which it is not null. */
  share(condition: RowCondition<R>): CheckedValue
  /** 0 where there are no rows. */
  sum<C extends SomeColumn<R>>(column: NumericColumn<R, C, 'it cannot be summed'> | NumberOf<R>): CheckedValue
  mean<C extends SomeColumn<R>>(column: NumericColumn<R, C, 'it has no mean'> | NumberOf<R>): CheckedValue
  min<C extends SomeColumn<R>>(column: NumericColumn<R, C, 'it has no bounds'> | NumberOf<R>): CheckedValue
  max<C extends SomeColumn<R>>(column: NumericColumn<R, C, 'it has no bounds'> | NumberOf<R>): CheckedValue
  /** How many different values there are. */
  distinct<C extends SomeColumn<R>>(column: PresentColumn<R, C> | AnyOf<R>): CheckedValue
}

/** What the value may be, bounds included. */
export type Bounds =
  | { readonly between: readonly [least: number, most: number]; readonly atLeast?: never; readonly atMost?: never }
  | { readonly atLeast: number; readonly atMost?: number; readonly between?: never }
  | { readonly atMost: number; readonly atLeast?: number; readonly between?: never }

export interface AggregateCheck<R> {
  /**
   * A number of all rows that are looked at lies within bounds; where it is null, for want of values, it passes.
   *
   * @example c.aggregate((f) => f.share((r) => r.late), { atMost: 0.5 })
   */
  aggregate(of: (f: CheckedAggregates<R>) => CheckedValue, bounds: Bounds & CheckOptions): Check
}

export interface AggregateCheckPlan extends CheckPlan {
  readonly kind: 'aggregate'
  readonly function: AggregateName
  /** A condition or a value; null: the rows themselves. */
  readonly of: Expression | null
  readonly least: number | null
  readonly most: number | null
}

const names = ['count', 'share', 'sum', 'mean', 'min', 'max', 'distinct'] as const
type AggregateName = (typeof names)[number]

/** Ten thousand million such decimals have a sum of 38 digits. */
const EXACT_DIGITS = 28

const wants = { sum: 'it cannot be summed', mean: 'it has no mean', min: 'it has no bounds', max: 'it has no bounds' }

export const aggregate: CheckKind<AggregateCheckPlan> = {
  kind: 'aggregate',
  fields: {
    function: z.enum(names),
    of: expressionSchema.nullable(),
    least: z.number().nullable(),
    most: z.number().nullable(),
  },
  options: 1,
  plan: ([of, bounds], table) => ({ ...plannedValue(of, table), ...plannedBounds(bounds, table) }),
  reads: ({ of }) => (of === null ? [] : [...new Set(expressionColumns(of))]),
  says: ({ function: name, of, least, most }, value) => {
    const what = of === null ? 'the number of rows' : `${name} of ${conditionText(of)}`
    return `${what} is ${value ?? 'null'}, and may be ${boundsText(least, most)}`
  },
  value: (check, leaves, value) => leaves.finite(valueSql(check, leaves, value)),
  allows: ({ least, most }, value) =>
    value === null || ((least === null || value >= least) && (most === null || value <= most)),
}

function boundsText(least: number | null, most: number | null): string {
  if (least !== null && most !== null) return `between ${least} and ${most}`
  return least === null ? `at most ${most}` : `at least ${least}`
}

function plannedValue(of: unknown, table: CheckedTable): Pick<AggregateCheckPlan, 'function' | 'of'> {
  const words = Object.fromEntries(names.map((name) => [name, (given?: unknown) => ({ function: name, of: given })]))
  const like = 'aggregate() takes a function, like (f) => f.share((r) => r.late)'
  if (typeof of !== 'function') table.refuse(like)
  const made: unknown = of(words)
  if (!isValue(made)) table.refuse(like)
  const { function: name, of: given } = made
  if (name === 'count' && given === undefined) return { function: name, of: null }
  if (name === 'count' || name === 'share') return { function: name, of: table.condition(given).expression }
  const { expression, type } = table.value(given)
  if (name !== 'distinct' && !isNumber(type)) {
    const what = expression.kind === 'column' ? `column '${expression.name}' of this table` : conditionText(expression)
    table.refuse(`${what} is not a number but ${typeText(type)}, so ${wants[name]}`)
  }
  return { function: name, of: expression }
}

function isValue(made: unknown): made is CheckedValue {
  return typeof made === 'object' && made !== null && 'function' in made && names.some((name) => name === made.function)
}

function plannedBounds(given: unknown, table: CheckedTable): Pick<AggregateCheckPlan, 'least' | 'most'> {
  const { between, atLeast, atMost } = (given ?? {}) as {
    readonly between?: unknown
    readonly atLeast?: unknown
    readonly atMost?: unknown
  }
  if (between !== undefined && (atLeast !== undefined || atMost !== undefined))
    table.refuse('it has between, and atLeast or atMost; one of both says it')
  const [least, most] = Array.isArray(between) ? [between[0] as unknown, between[1] as unknown] : [atLeast, atMost]
  if (between !== undefined && (!Array.isArray(between) || between.length !== 2))
    table.refuse('between takes two numbers, like [0, 1]')
  if (least === undefined && most === undefined)
    table.refuse('it says no bound; give between: [least, most], atLeast or atMost')
  for (const bound of [least, most])
    if (bound !== undefined && !Number.isFinite(bound))
      table.refuse(`${String(bound)} is no bound; bounds are finite numbers`)
  const [low, high] = [least, most].map((bound) => (typeof bound === 'number' ? bound : null))
  if (typeof low === 'number' && typeof high === 'number' && low > high)
    table.refuse(`nothing lies between ${low} and ${high}; give the smaller bound first`)
  return { least: low ?? null, most: high ?? null }
}

function valueSql({ function: name, of }: AggregateCheckPlan, leaves: Leaves, value: RowValue): Sql {
  if (of === null) return leaves.toDouble(sql`COUNT(*)`)
  const x = expressionSql(leaves, of, value)
  const type = expressionType(of, (column) => value(column).type)
  const ones = sql`COALESCE(SUM(CASE WHEN ${x} THEN 1 ELSE 0 END), 0)`
  // Sums of decimals are exact, but decimals of many digits have none of their own type.
  const wide = typeof type === 'object' && type.decimal[0] > EXACT_DIGITS
  const number = type === 'double' ? leaves.finite(x) : wide ? leaves.toDouble(x) : x
  switch (name) {
    case 'count':
      return leaves.toDouble(ones)
    case 'share':
      return leaves.divide(ones, sql`COUNT(${x})`)
    case 'sum':
      return leaves.toDouble(sql`COALESCE(SUM(${number}), 0)`)
    case 'mean':
      return leaves.divide(sql`SUM(${number})`, sql`COUNT(${number})`)
    case 'min':
      return leaves.toDouble(sql`MIN(${number})`)
    case 'max':
      return leaves.toDouble(sql`MAX(${number})`)
    case 'distinct':
      return leaves.toDouble(sql`COUNT(DISTINCT ${x})`)
  }
}
