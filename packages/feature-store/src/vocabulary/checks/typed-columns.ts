/** The column when the table has it, and a sentence otherwise. */
export type PresentColumn<R, C> = C extends keyof R
  ? C
  : C extends string
    ? `this table has no column '${C}'`
    : 'a column is named by a text'

/** The column when its values are numbers, and a sentence otherwise; `Cannot` says what cannot be had of another. */
export type NumericColumn<R, C extends string, Cannot extends string> = C extends keyof R
  ? NonNullable<R[C]> extends number
    ? C
    : `column '${C}' of this table is not a number, so ${Cannot}`
  : `this table has no column '${C}'`

/** The columns of a table, which editors suggest, and any text, which is refused with a sentence. */
export type SomeColumn<R> = (keyof R & string) | (string & {})

/** What compares with one another, whatever the values of an enum. */
export type FamilyOf<T> =
  NonNullable<T> extends string
    ? 'text'
    : NonNullable<T> extends number
      ? 'number'
      : NonNullable<T> extends boolean
        ? 'boolean'
        : NonNullable<T> extends Date
          ? 'instant'
          : 'another'
