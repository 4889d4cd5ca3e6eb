import type { ColumnType } from '@martlet/warehouse'
import type { BinaryOperator, Expression, Scalar } from '../../plan/expression.ts'
import { dayStart, floorDivide } from '../../plan/time/grid.ts'
import { comparedType, FEATURE_TIME } from './expression-sql.ts'
import { arithmeticType, expressionType, isWhole, literalType } from './expression-type.ts'
import { doubleOf, order, scaleOf, type Value } from './value.ts'

/** The value of an expression for a row: its columns by their places. */
export type Evaluate = (row: readonly Value[]) => Value

export interface PlacedColumn {
  readonly place: number
  readonly type: ColumnType
}

/**
 * Compiles an expression to be evaluated in process; T is the column {@link FEATURE_TIME}.
 * It gives what the SQL of `expressionSql` gives: the same types,
 * the same nulls, whole numbers of 64 bits exactly, comparisons of decimals exactly.
 */
export function expressionValue(expression: Expression, column: (name: string) => PlacedColumn): Evaluate {
  return new Evaluator(column).compile(expression)
}

const DAY = 86_400_000_000

const COMPARISON: Readonly<Partial<Record<BinaryOperator, (order: number) => boolean>>> = {
  equal: (by) => by === 0,
  notEqual: (by) => by !== 0,
  less: (by) => by < 0,
  lessOrEqual: (by) => by <= 0,
  greater: (by) => by > 0,
  greaterOrEqual: (by) => by >= 0,
}

class Evaluator {
  readonly #column: (name: string) => PlacedColumn

  constructor(column: (name: string) => PlacedColumn) {
    this.#column = column
  }

  compile(expression: Expression): Evaluate {
    switch (expression.kind) {
      case 'column': {
        const { place } = this.#column(expression.name)
        return (row) => row[place] ?? null
      }
      case 'literal':
        return constant(literalValue(expression.value, 'double'))
      case 'binary':
        return this.#binary(expression.operator, expression.left, expression.right)
      case 'not': {
        const operand = this.compile(expression.operand)
        return (row) => {
          const value = operand(row)
          return value === null ? null : value !== true
        }
      }
      case 'isNull': {
        const operand = this.compile(expression.operand)
        return (row) => operand(row) === null
      }
      case 'days': {
        const [from, to] = [this.compile(expression.from), this.compile(expression.to)]
        return (row) => {
          const [a, b] = [from(row), to(row)]
          return typeof a === 'bigint' && typeof b === 'bigint' ? Number(b - a) / DAY : null
        }
      }
      case 'dayStart': {
        const { zone } = expression
        const date = this.compile(expression.operand)
        return (row) => {
          const midnight = date(row)
          if (zone === null || typeof midnight !== 'bigint') return null
          return dayStart(zone, floorDivide(midnight, BigInt(DAY)))
        }
      }
      case 'featureTime': {
        const { place } = this.#column(FEATURE_TIME)
        return (row) => row[place] ?? null
      }
      case 'previous':
      case 'increase':
      case 'sincePrevious':
      case 'attribute':
        throw new Error(`an expression of one row knows no ${expression.kind}`)
      case 'negate':
        return this.#ofOne(
          expression.operand,
          (value) => -value,
          (value) => -value,
        )
      case 'abs':
        return this.#ofOne(expression.operand, (value) => (value < 0n ? -value : value), Math.abs)
      case 'oneOf':
        return this.#oneOf(expression.operand, expression.values)
      case 'coalesce':
        return firstOf(this.#alike(expression, expression.operands))
      case 'least':
        return extreme(this.#alike(expression, expression.operands), -1)
      case 'greatest':
        return extreme(this.#alike(expression, expression.operands), 1)
      case 'case': {
        const type = this.#type(expression)
        const branches = expression.branches.map(({ when, then }) => ({
          when: this.compile(when),
          value: this.#as(then, type),
        }))
        const otherwise = this.#as(expression.otherwise, type)
        return (row) => (branches.find(({ when }) => when(row) === true)?.value ?? otherwise)(row)
      }
    }
  }

  #type(expression: Expression): ColumnType | undefined {
    return expressionType(expression, (name) => this.#column(name).type)
  }

  /** The value as one of a type that values are mixed in: as a double where that is double. */
  #as(expression: Expression, type: ColumnType | undefined): Evaluate {
    if (expression.kind === 'literal')
      return constant(literalValue(expression.value, type !== undefined && isWhole(type) ? 'bigint' : 'double'))
    const own = this.#type(expression)
    const value = this.compile(expression)
    return type === 'double' && own !== 'double' ? (row) => doubleOf(value(row), own) : value
  }

  #alike(whole: Expression, operands: readonly Expression[]): readonly Evaluate[] {
    const type = this.#type(whole)
    return operands.map((operand) => this.#as(operand, type))
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Evaluate {
    switch (operator) {
      case 'divide':
        return calculated(this.#as(left, 'double'), this.#as(right, 'double'), (a, b) => (b === 0 ? null : a / b))
      case 'add':
        return this.#arithmetic(
          left,
          right,
          (a, b) => a + b,
          (a, b) => a + b,
        )
      case 'subtract':
        return this.#arithmetic(
          left,
          right,
          (a, b) => a - b,
          (a, b) => a - b,
        )
      case 'multiply':
        return this.#arithmetic(
          left,
          right,
          (a, b) => a * b,
          (a, b) => a * b,
        )
      case 'and':
        return decided(this.compile(left), this.compile(right), false)
      case 'or':
        return decided(this.compile(left), this.compile(right), true)
      default: {
        const holds = COMPARISON[operator] ?? (() => false)
        const [a, b] = this.#comparable([left, right])
        return (row) => {
          const [x, y] = [a?.(row) ?? null, b?.(row) ?? null]
          return x === null || y === null ? null : holds(order(x, y))
        }
      }
    }
  }

  /** Values that are compared: exact numbers in units of the same digit. */
  #comparable(sides: readonly Expression[]): readonly Evaluate[] {
    const types = sides.map((side) => this.#type(side))
    const type = comparedType(types.flatMap((one) => one ?? []))
    const scale = Math.max(...types.map(scaleOf))
    return sides.map((side, i) => {
      const value = this.#as(side, type)
      const power = 10n ** BigInt(scale - scaleOf(types[i]))
      if (type === undefined || !isWhole(type) || power === 1n) return value
      return (row) => {
        const units = value(row)
        return typeof units === 'bigint' ? units * power : units
      }
    })
  }

  #arithmetic(
    left: Expression,
    right: Expression,
    whole: (a: bigint, b: bigint) => bigint,
    double: (a: number, b: number) => number,
  ): Evaluate {
    const type = arithmeticType([left, right].flatMap((side) => this.#type(side) ?? []))
    const [a, b] = [this.#as(left, type), this.#as(right, type)]
    if (type === 'double') return calculated(a, b, double)
    return (row) => {
      const [x, y] = [a(row), b(row)]
      return typeof x === 'bigint' && typeof y === 'bigint' ? fitted(whole(x, y), type) : null
    }
  }

  #ofOne(operand: Expression, exact: (value: bigint) => bigint, double: (value: number) => number): Evaluate {
    const type = this.#type(operand)
    const value = this.#as(operand, type)
    return (row) => {
      const given = value(row)
      if (typeof given === 'number') return double(given)
      if (typeof given !== 'bigint') return null
      return type === undefined ? null : fitted(exact(given), type)
    }
  }

  #oneOf(operand: Expression, values: readonly Scalar[]): Evaluate {
    const [value, ...wanted] = this.#comparable([
      operand,
      ...values.map((one) => ({ kind: 'literal', value: one }) as const),
    ])
    return (row) => {
      const given = value?.(row) ?? null
      if (given === null) return null
      return wanted.some((one) => {
        const other = one(row)
        return other !== null && order(given, other) === 0
      })
    }
  }
}

const constant =
  (value: Value): Evaluate =>
  () =>
    value

function literalValue(value: Scalar | null, numbers: 'bigint' | 'double'): Value {
  if (typeof value === 'number') return numbers === 'bigint' && literalType(value) === 'bigint' ? BigInt(value) : value
  return value instanceof Date ? BigInt(value.getTime()) * 1000n : value
}

function calculated(a: Evaluate, b: Evaluate, calculate: (a: number, b: number) => Value): Evaluate {
  return (row) => {
    const [x, y] = [a(row), b(row)]
    return typeof x === 'number' && typeof y === 'number' ? calculate(x, y) : null
  }
}

/** `and`, `or`: one side may decide, whatever the other is. */
function decided(a: Evaluate, b: Evaluate, decisive: boolean): Evaluate {
  return (row) => {
    const x = a(row)
    if (x === decisive) return decisive
    const y = b(row)
    if (y === decisive) return decisive
    return x === null || y === null ? null : !decisive
  }
}

function firstOf(values: readonly Evaluate[]): Evaluate {
  return (row) => {
    for (const value of values) {
      const given = value(row)
      if (given !== null) return given
    }
    return null
  }
}

function extreme(values: readonly Evaluate[], sign: 1 | -1): Evaluate {
  return (row) => {
    let found: Value = null
    for (const value of values) {
      const given = value(row)
      if (given === null) return null
      if (found === null || order(given, found) * sign > 0) found = given
    }
    return found
  }
}

const BITS: Readonly<Partial<Record<string, number>>> = { integer: 32, bigint: 64 }

/** Null where the type is a whole number that cannot hold the value. */
function fitted(value: bigint, type: ColumnType): Value {
  const bits = typeof type === 'string' ? BITS[type] : undefined
  return bits === undefined || BigInt.asIntN(bits, value) === value ? value : null
}
