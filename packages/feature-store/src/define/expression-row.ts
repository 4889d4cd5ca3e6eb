import type { TypedExpression } from '../plan/expression.ts'
import { booleanExpression, type BooleanExpression } from './boolean-expression.ts'
import { instantExpression, type InstantExpression } from './instant-expression.ts'
import { numberExpression, type NumberExpression } from './number-expression.ts'
import { familyOf, type Valued } from './operand.ts'
import { textExpression, type TextExpression } from './text-expression.ts'

type NullIn<T> = null extends T ? null : undefined extends T ? null : never

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
  switch (familyOf(typed.type)) {
    case 'number':
      return numberExpression<null>(typed)
    case 'boolean':
      return booleanExpression<null>(typed)
    case 'instant':
      return instantExpression<null>(typed)
    case 'text':
    case 'date':
      return textExpression<string, null>(typed)
  }
}

export interface NamedColumn {
  readonly name: string
  readonly type: TypedExpression['type']
  readonly nullable: boolean
}

/** A row whose members are the given columns; asking for another one throws and names those there are. */
export function expressionRow<R>(columns: readonly NamedColumn[], what: string): ExpressionRow<R> {
  const members = new Map(columns.map(({ name, type, nullable }) => [name, expressionOf({ expression: { kind: 'column', name }, type, nullable })]))
  const row = new Proxy(Object.freeze({}), {
    get: (_, name) => {
      if (typeof name === 'symbol') return undefined
      const member = members.get(name)
      if (member === undefined) throw new TypeError(`there is no ${what} '${name}'; there are: ${[...members.keys()].join(', ')}`)
      return member
    },
    has: (_, name) => typeof name === 'string' && members.has(name),
  })
  return row as ExpressionRow<R>
}
