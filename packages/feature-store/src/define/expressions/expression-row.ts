import type { TypedExpression } from '../../plan/expression.ts'
import { booleanExpression, type BooleanExpression } from './boolean-expression.ts'
import { instantExpression, type InstantExpression } from './instant-expression.ts'
import { numberExpression, type NumberExpression } from './number-expression.ts'
import { familyOf, type Valued } from './operand.ts'
import { textExpression, type TextExpression } from './text-expression.ts'

/** `null` when values of type T may be null or absent. */
export type NullIn<T> = null extends T ? null : undefined extends T ? null : never

/** The expression that values of type T (with or without null) have. */
export type ExpressionFor<T> = [NonNullable<T>] extends [number]
  ? NumberExpression<NullIn<T>>
  : [NonNullable<T>] extends [string]
    ? TextExpression<NonNullable<T> & string, NullIn<T>>
    : [NonNullable<T>] extends [boolean]
      ? BooleanExpression<NullIn<T>>
      : [NonNullable<T>] extends [Date]
        ? InstantExpression<NullIn<T>>
        : Valued<T>

/** The columns of a row, to build expressions from. */
export type ExpressionRow<R> = { readonly [K in keyof R & string]-?: ExpressionFor<R[K]> }

/** The expression with the methods of its type. */
export function expressionOf(typed: TypedExpression): Valued<unknown> {
  const family = familyOf(typed.type)
  if (family === 'number') return numberExpression<null>(typed)
  if (family === 'boolean') return booleanExpression<null>(typed)
  if (family === 'instant') return instantExpression<null>(typed)
  return textExpression<string, null>(typed)
}

export interface NamedColumn {
  readonly name: string
  readonly type: TypedExpression['type']
  readonly nullable: boolean
}

/** A row whose members are the given columns; asking for another one throws and names those there are. */
export function expressionRow<R>(
  columns: readonly NamedColumn[],
  what: string,
  methods: ReadonlyMap<string, unknown> = new Map(),
): ExpressionRow<R> {
  const member = ({ name, type, nullable }: NamedColumn) =>
    expressionOf({ expression: { kind: 'column', name }, type, nullable })
  const members = new Map(columns.map((column) => [column.name, member(column)]))
  const row = new Proxy(Object.freeze({}), {
    get: (_, name) => {
      if (typeof name === 'symbol') return undefined
      const found = members.get(name) ?? methods.get(name)
      if (found === undefined)
        throw new TypeError(`there is no ${what} '${name}'; there are: ${[...members.keys()].join(', ')}`)
      return found
    },
    has: (_, name) => typeof name === 'string' && members.has(name),
  })
  return row as ExpressionRow<R>
}
