import type { ColumnType } from '@martlet/warehouse'
import fc from 'fast-check'
import type { Expression } from '../../src/index.ts'
import { expressionType } from '../../src/vocabulary/algebra/expression-type.ts'

/** One column of each type that an expression can read. */
export const columnTypes = {
  small: 'integer',
  big: 'bigint',
  ratio: 'double',
  share: 'double',
  price: { decimal: [10, 2] },
  cost: { decimal: [10, 2] },
  total: { decimal: [30, 6] },
  word: 'text',
  other: 'text',
  flag: 'boolean',
  at: 'timestamp',
  until: 'timestamp',
  day: 'date',
} as const satisfies Readonly<Record<string, ColumnType>>

type Family = 'number' | 'text' | 'boolean' | 'instant' | 'date'

const columns: Readonly<Record<Family, readonly (keyof typeof columnTypes)[]>> = {
  number: ['small', 'big', 'ratio', 'share', 'price', 'cost', 'total'],
  text: ['word', 'other'],
  boolean: ['flag'],
  instant: ['at', 'until'],
  date: ['day'],
}

const numbers = [0, 1, -1, 2, 0.5, 1.25, -3, 100, 1e6, 2 ** 31, 2 ** 53 - 1, 1e15 + 0.5, 1e300]
const texts = ['', 'a', 'A', 'zürich', '\u{1F600}', '\uFFFD', 'zz', "it's"]
const instants = [new Date(0), new Date('2024-02-29T23:59:59.999Z'), new Date('1969-12-31T00:00:00Z')]
const days = [new Date('2024-02-29T00:00:00Z'), new Date('1969-12-31T00:00:00Z')]

const literals: Readonly<Record<Family, fc.Arbitrary<string | number | boolean | Date>>> = {
  number: fc.constantFrom(...numbers),
  text: fc.constantFrom(...texts),
  boolean: fc.boolean(),
  instant: fc.constantFrom(...instants),
  date: fc.constantFrom(...days),
}

const literal = (value: string | number | boolean | Date): Expression => ({ kind: 'literal', value })

function leafOf(family: Family): fc.Arbitrary<Expression> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...columns[family]).map((name): Expression => ({ kind: 'column', name })), weight: 4 },
    { arbitrary: literals[family].map(literal), weight: 1 },
  )
}

/** Expressions as definitions can write them: operands of one family, at most `depth` deep. */
export function expressionOf(family: Family, depth: number): fc.Arbitrary<Expression> {
  if (depth === 0) return leafOf(family)
  const same = expressionOf(family, depth - 1)
  const condition = fc.oneof(expressionOf('boolean', depth - 1), comparisonOf(depth - 1))
  const several = fc.array(same, { minLength: 2, maxLength: 3 })
  const choices: fc.Arbitrary<Expression>[] = [
    leafOf(family),
    several.map((operands) => ({ kind: 'coalesce', operands })),
    fc
      .record({
        branches: fc.array(fc.tuple(condition, same), { minLength: 1, maxLength: 2 }),
        otherwise: fc.option(same),
      })
      .map(({ branches, otherwise }) => ({
        kind: 'case',
        // oxlint-disable-next-line unicorn/no-thenable -- the plan's word for a branch's value; never awaited
        branches: branches.map(([when, then]) => ({ when, then })),
        otherwise: otherwise ?? { kind: 'literal', value: null },
      })),
  ]
  if (family === 'number' || family === 'instant')
    choices.push(
      fc
        .tuple(fc.constantFrom('least' as const, 'greatest' as const), several)
        .map(([kind, operands]) => ({ kind, operands })),
    )
  if (family === 'number')
    choices.push(
      fc
        .tuple(fc.constantFrom('add' as const, 'subtract' as const, 'multiply' as const, 'divide' as const), same, same)
        .map(([operator, left, right]) => ({ kind: 'binary', operator, left, right })),
      fc.tuple(fc.constantFrom('negate' as const, 'abs' as const), same).map(([kind, operand]) => ({ kind, operand })),
    )
  if (family === 'boolean')
    choices.push(
      comparisonOf(depth - 1),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), condition, condition)
        .map(([operator, left, right]) => ({ kind: 'binary', operator, left, right })),
      condition.map((operand) => ({ kind: 'not', operand })),
    )
  return fc.oneof(...choices)
}

function comparisonOf(depth: number): fc.Arbitrary<Expression> {
  const operator = fc.constantFrom(
    'equal' as const,
    'notEqual' as const,
    'less' as const,
    'lessOrEqual' as const,
    'greater' as const,
    'greaterOrEqual' as const,
  )
  return fc.constantFrom<Family[]>('number', 'text', 'instant', 'date').chain((family) => {
    const side = expressionOf(family, depth)
    return fc.oneof(
      fc
        .tuple(operator, side, side)
        .map(([by, left, right]): Expression => ({ kind: 'binary', operator: by, left, right })),
      side.map((operand): Expression => ({ kind: 'isNull', operand })),
      fc
        .tuple(side, fc.array(literals[family], { minLength: 1, maxLength: 3 }))
        .map(([operand, values]): Expression => ({ kind: 'oneOf', operand, values })),
    )
  })
}

/** Any expression, with the type that a definition gives it; never one that is only null. */
export const anyExpression: fc.Arbitrary<{ readonly expression: Expression; readonly type: ColumnType }> = fc
  .constantFrom<Family[]>('number', 'number', 'number', 'text', 'boolean', 'instant', 'date')
  .chain((family) => expressionOf(family, 3).map((expression) => ({ family, expression })))
  .map(({ family, expression }) => ({
    expression,
    type: family === 'date' ? ('date' as const) : (expressionType(expression, (name) => typeOf(name)) ?? 'double'),
  }))

export function typeOf(name: string): ColumnType {
  const found = Object.entries(columnTypes).find(([column]) => column === name)
  if (found === undefined) throw new Error(`there is no column ${name}`)
  return found[1]
}

const INT64 = 2n ** 63n
const nullable = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 5 })

/** A row of those columns, as online rows would have it. */
export const anyRow: fc.Arbitrary<Readonly<Record<string, string | number | bigint | boolean | null>>> = fc.record({
  small: nullable(fc.oneof(fc.constantFrom(0, 1, -1, -(2 ** 31), 2 ** 31 - 1), fc.integer({ min: -9, max: 9 }))),
  big: nullable(
    fc.oneof(
      fc.constantFrom(0n, 1n, -INT64, INT64 - 1n, 2n ** 53n, 2n ** 53n + 1n),
      fc.bigInt({ min: -INT64, max: INT64 - 1n }),
      fc.bigInt({ min: -9n, max: 9n }),
    ),
  ),
  ratio: nullable(
    fc.oneof(
      fc.constantFrom(0, 0.5, -1.25, 1e308, -1e308, 1e-300),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  ),
  share: nullable(fc.oneof(fc.constantFrom(0, 0.5, 2), fc.double({ min: -9, max: 9, noNaN: true }))),
  price: nullable(fc.integer({ min: -9_999_999_999, max: 9_999_999_999 }).map((units) => BigInt(units))),
  cost: nullable(fc.integer({ min: -200, max: 200 }).map((units) => BigInt(units))),
  total: nullable(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n })),
  word: nullable(fc.constantFrom(...texts)),
  other: nullable(
    fc.oneof(
      fc.constantFrom(...texts),
      fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replaceAll('\0', '')),
    ),
  ),
  flag: nullable(fc.boolean()),
  at: nullable(
    fc.oneof(fc.constantFrom(0n, -1n, 1_709_251_199_999_000n), fc.bigInt({ min: -(10n ** 15n), max: 10n ** 16n })),
  ),
  until: nullable(fc.bigInt({ min: 0n, max: 10n ** 15n })),
  day: nullable(fc.integer({ min: -1000, max: 30_000 })),
})
