import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import type { BinaryOperator, Expression, Scalar } from '../../plan/expression.ts'
import { arithmeticType, expressionType, isWhole, literalType } from './expression-type.ts'
import { integer } from './integer.ts'
import type { TypedSql } from './typed-sql.ts'

/** The column that holds T; no feature has this name. */
export const FEATURE_TIME = 'feature_time'
const DAY = 86_400_000_000

type Arithmetic = 'add' | 'subtract' | 'multiply'
type Logical = 'and' | 'or'
type Comparison = Exclude<BinaryOperator, Arithmetic | Logical | 'divide'>

const ARITHMETIC: Readonly<Record<Arithmetic, Sql>> = { add: sql`+`, subtract: sql`-`, multiply: sql`*` }
const LOGICAL: Readonly<Record<Logical, Sql>> = { and: sql`AND`, or: sql`OR` }
const COMPARISON: Readonly<Record<Comparison, Sql>> = {
  equal: sql`=`,
  notEqual: sql`<>`,
  less: sql`<`,
  lessOrEqual: sql`<=`,
  greater: sql`>`,
  greaterOrEqual: sql`>=`,
}

/**
 * Prints an expression; `column` turns a column name into SQL. Literals are printed with their type: they belong to
 * the definition, and a view's query cannot bind.
 *
 * Whole numbers are calculated in twice the room and then fitted into 64 bits: a result beyond them is null, where the
 * engine's own arithmetic would fail the statement. Decimals are calculated and mixed as doubles, which is the type
 * that a definition gives the result; they are compared exactly.
 */
export function expressionSql(leaves: Leaves, expression: Expression, column: (name: string) => TypedSql): Sql {
  return new Printer(leaves, column).print(expression)
}

class Printer {
  readonly #leaves: Leaves
  readonly #column: (name: string) => TypedSql

  constructor(leaves: Leaves, column: (name: string) => TypedSql) {
    this.#leaves = leaves
    this.#column = column
  }

  print(expression: Expression): Sql {
    switch (expression.kind) {
      case 'column':
        return this.#column(expression.name).sql
      case 'literal':
        return this.#literal(expression.value, 'double')
      case 'featureTime':
        return this.#column(FEATURE_TIME).sql
      case 'dayStart':
        return this.#dayStart(this.print(expression.operand), expression.zone)
      case 'days': {
        const [from, to] = [expression.from, expression.to].map((one) => this.#leaves.epochMicros(this.print(one)))
        return sql`(${this.#leaves.toDouble(sql`(${to} - ${from})`)} / ${integer(DAY)})`
      }
      case 'previous':
      case 'sincePrevious':
      case 'increase':
      case 'attribute':
        throw new Error(`${expression.kind} is a column of the events that an expression is over`)
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right)
      case 'not':
        return sql`(NOT ${this.print(expression.operand)})`
      case 'isNull':
        return sql`(${this.print(expression.operand)} IS NULL)`
      case 'negate':
        return this.#ofOne(expression.operand, (operand) => sql`(- ${operand})`)
      case 'abs':
        return this.#ofOne(expression.operand, (operand) => sql`ABS(${operand})`)
      case 'oneOf':
        return this.#oneOf(expression.operand, expression.values)
      case 'coalesce':
        return sql`COALESCE(${sql.join(this.#alike(expression, expression.operands))})`
      case 'least':
      case 'greatest': {
        const values = this.#alike(expression, sameKind(expression.kind, expression.operands))
        return expression.kind === 'least'
          ? this.#leaves.leastOrNull(...values)
          : this.#leaves.greatestOrNull(...values)
      }
      case 'case': {
        const type = this.#type(expression)
        const branches = expression.branches.map(
          (branch) => sql`WHEN ${this.print(branch.when)} THEN ${this.#as(branch.then, type)}`,
        )
        return sql`(CASE ${sql.join(branches, sql` `)} ELSE ${this.#as(expression.otherwise, type)} END)`
      }
    }
  }

  #type(expression: Expression): ColumnType | undefined {
    return expressionType(expression, (name) => this.#column(name).type)
  }

  /** A value to be mixed with others of a type: literals are of that type, decimals become doubles where it is double. */
  #as(expression: Expression, type: ColumnType | undefined): Sql {
    if (expression.kind === 'literal')
      return this.#literal(expression.value, type !== undefined && isWhole(type) ? 'bigint' : 'double')
    const printed = this.print(expression)
    return type === 'double' && typeof this.#type(expression) === 'object' ? this.#leaves.toDouble(printed) : printed
  }

  #alike(whole: Expression, operands: readonly Expression[]): readonly Sql[] {
    const type = this.#type(whole)
    return operands.map((operand) => this.#as(operand, type))
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Sql {
    switch (operator) {
      case 'divide':
        return this.#leaves.divide(this.print(left), this.print(right))
      case 'add':
      case 'subtract':
      case 'multiply':
        return this.#arithmetic(ARITHMETIC[operator], left, right)
      case 'and':
      case 'or':
        return sql`(${this.print(left)} ${LOGICAL[operator]} ${this.print(right)})`
      default: {
        const type = comparedType([left, right].flatMap((side) => this.#type(side) ?? []))
        return sql`(${this.#as(left, type)} ${COMPARISON[operator]} ${this.#as(right, type)})`
      }
    }
  }

  #arithmetic(operator: Sql, left: Expression, right: Expression): Sql {
    const type = arithmeticType([left, right].flatMap((side) => this.#type(side) ?? []))
    const [a, b] = [this.#as(left, type), this.#as(right, type)]
    if (!isWhole(type)) return sql`(${a} ${operator} ${b})`
    return this.#leaves.fit(sql`${this.#leaves.toWide(a)} ${operator} ${this.#leaves.toWide(b)}`, type)
  }

  #ofOne(operand: Expression, calculate: (operand: Sql) => Sql): Sql {
    const type = this.#type(operand)
    const value = this.#as(operand, type)
    if (type === undefined || !isWhole(type)) return calculate(value)
    return this.#leaves.fit(calculate(this.#leaves.toWide(value)), type)
  }

  #oneOf(operand: Expression, values: readonly Scalar[]): Sql {
    if (values.length === 0) return sql`(CASE WHEN ${this.print(operand)} IS NULL THEN NULL ELSE FALSE END)`
    const type = comparedType([this.#type(operand) ?? [], ...values.map(literalType)].flat())
    const list = values.map((value) => this.#literal(value, type !== undefined && isWhole(type) ? 'bigint' : 'double'))
    return sql`(${this.#as(operand, type)} IN (${sql.join(list)}))`
  }

  /**
   * Right after the last microsecond of the day before: with the first of two midnights, and where midnight is skipped
   * with the first instant after it.
   */
  #dayStart(date: Sql, zone: string | null): Sql {
    if (zone === null) throw new Error('the start of a date has no zone')
    const midnight = sql`CAST(${date} AS ${this.#leaves.columnType('timestamp')})`
    if (zone === 'UTC') return midnight
    return this.#leaves.addMicros(this.#leaves.toUtc(this.#leaves.addMicros(midnight, -1), zone), 1)
  }

  #literal(value: Scalar | null, numbers: 'bigint' | 'double'): Sql {
    if (value === null) return sql`NULL`
    if (typeof value === 'boolean') return value ? sql`TRUE` : sql`FALSE`
    if (typeof value === 'number') return sql`CAST(${sql.lit(value)} AS ${this.#leaves.columnType(numbers)})`
    if (typeof value === 'string')
      return sql`CAST(${this.#leaves.textLiteral(value)} AS ${this.#leaves.columnType('text')})`
    return this.#leaves.timestamp(BigInt(value.getTime()) * 1000n)
  }
}

/** A comparison of whole numbers and decimals is exact, unless no type of 38 digits holds both sides. */
export function comparedType(types: readonly ColumnType[]): ColumnType | undefined {
  const digits = types.map(digitsOf)
  if (digits.some((one) => one === undefined)) return types.includes('double') ? 'double' : types[0]
  const whole = Math.max(...digits.map((one) => one?.whole ?? 0))
  const fraction = Math.max(...digits.map((one) => one?.fraction ?? 0))
  return whole + fraction <= 38 ? 'bigint' : 'double'
}

/** How many digits a whole number or a decimal has before and after the point. */
function digitsOf(type: ColumnType): { readonly whole: number; readonly fraction: number } | undefined {
  if (isWhole(type)) return { whole: 19, fraction: 0 }
  if (typeof type !== 'object') return undefined
  const [precision, scale] = type.decimal
  return { whole: precision - scale, fraction: scale }
}

/** The operands, those of an operand of the same kind among them: the printed text of an operand stands there twice. */
function sameKind(kind: 'least' | 'greatest', operands: readonly Expression[]): readonly Expression[] {
  return operands.flatMap((operand) => (operand.kind === kind ? sameKind(kind, operand.operands) : [operand]))
}
