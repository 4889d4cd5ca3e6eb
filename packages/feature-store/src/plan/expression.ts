import type { ColumnType } from '@martlet/warehouse'

export type Scalar = string | number | boolean | Date

/**
 * An expression over named columns (of a fact in `where`, of the same feature row in `derive`).
 * Null in gives null out, except in `coalesce`, `isNull` and a `case` that handles it; dividing by zero gives null.
 */
export type Expression =
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Scalar | null }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'not' | 'isNull' | 'negate' | 'abs'; readonly operand: Expression }
  /** T of a feature row, in `derive`. */
  | { readonly kind: 'featureTime' }
  /** The instant at which a date's day begins by the clock of a zone; null until the view that says which is known. */
  | { readonly kind: 'dayStart'; readonly operand: Expression; readonly zone: string | null }
  /** Days, with fractions, from one instant to another. */
  | { readonly kind: 'days'; readonly from: Expression; readonly to: Expression }
  | { readonly kind: 'oneOf'; readonly operand: Expression; readonly values: readonly Scalar[] }
  | NeighbourExpression
  | AttributeExpression
  | { readonly kind: 'coalesce' | 'least' | 'greatest'; readonly operands: readonly Expression[] }
  | {
      readonly kind: 'case'
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
      readonly otherwise: Expression
    }

/**
 * What an event has of the one before it of its entity. Events of one instant and sequence follow one another by the
 * columns `ties`.
 */
export type NeighbourExpression =
  /** A column of the event before; its growth since the last one that has it, which begins anew where it falls. */
  | { readonly kind: 'previous' | 'increase'; readonly column: string; readonly ties: readonly string[] }
  /** Days, with fractions, since the event before. */
  | { readonly kind: 'sincePrevious'; readonly ties: readonly string[] }

/** A column of a dimension as of the event's own time; only a computed column of events is such, by itself. */
export interface AttributeExpression {
  readonly kind: 'attribute'
  /** The name of one of the `dimensions` of the events. */
  readonly of: string
  /** A column of the dimension. */
  readonly column: string
  /** The event's columns that hold the dimension's keys, in the order of the keys. */
  readonly on: readonly string[]
  /** The event's column with the time. */
  readonly at: string
}

export type BinaryOperator =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'equal'
  | 'notEqual'
  | 'less'
  | 'lessOrEqual'
  | 'greater'
  | 'greaterOrEqual'
  | 'and'
  | 'or'

export interface TypedExpression {
  readonly expression: Expression
  readonly type: ColumnType
  readonly nullable: boolean
}
