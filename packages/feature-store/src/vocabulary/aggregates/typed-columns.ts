import type { ColumnOf } from '../../define/sources/columns.ts'

/** The column when it is one of `Fit`, and otherwise the sentence that says why not. */
type FittingColumn<C extends string, Fit, R, Why extends string> = C extends Fit
  ? C
  : C extends keyof R
    ? `column '${C}' of this fact ${Why}`
    : `this fact has no column '${C}'`

/** Any text, which lets editors still suggest columns. */
type AnyText = string & {}
export type Ordering = number | string | Date

export type NumberColumn<R> = ColumnOf<R, number> | AnyText
export type OrderedColumn<R> = ColumnOf<R, Ordering> | AnyText
export type AnyColumn<R> = (keyof R & string) | AnyText

/** A column of numbers; `Cannot` says what cannot be had of another. */
export type Numeric<R, C extends string, Cannot extends string> = FittingColumn<
  C,
  ColumnOf<R, number>,
  R,
  `is not a number, so ${Cannot}`
>
/** A column whose values have an order. */
export type Ordered<R, C extends string, Cannot extends string> = FittingColumn<
  C,
  ColumnOf<R, Ordering>,
  R,
  `has no order, so ${Cannot}`
>
export type Present<R, C extends string> = FittingColumn<C, keyof R, R, never>

/** The type of a column's values; nothing for any text, which the compiler takes C for beside an expression. */
export type ValueOf<R, C extends string> = string extends C ? never : C extends keyof R ? NonNullable<R[C]> : never
