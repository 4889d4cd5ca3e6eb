/** Values by name, or texts that are names themselves. */
export type PivotValues = readonly unknown[] | Readonly<Record<string, unknown>>

export interface PivotOptions {
  /** One more feature, of the rows that have none of the values, null among them. */
  readonly rest?: boolean
}

/** The names that a pivot gives: those of its values, and `rest`. */
export type PivotNames<R, C extends string, N, O> =
  | (undefined extends N ? MembersOf<R, C> : N extends readonly unknown[] ? N[number] & string : keyof N & string)
  | (O extends { readonly rest: true } ? 'rest' : never)

/** The column, where its values are known or named; otherwise the sentence that says what is missing. */
export type PivotColumn<R, C extends string, N> = C extends keyof R
  ? NonNullable<R[C]> extends Date
    ? `column '${C}' of this fact is an instant, so it has no values to name`
    : undefined extends N
      ? MembersOf<R, C> extends never
        ? `column '${C}' of this fact is not an enum, so its values must be named: .by('${C}', ['a', 'b'])`
        : IllNamed<MembersOf<R, C>> extends never
          ? C
          : `value '${IllNamed<MembersOf<R, C>>}' of column '${C}' makes no lower_snake name; name the values: .by('${C}', { name: value })`
      : C
  : `this fact has no column '${C}'`

/** The values where they are some of the column, under names in lower_snake; otherwise the sentence that says why not. */
export type NamedValues<R, C extends string, N> = {
  readonly [I in keyof N]: N extends readonly unknown[] ? ListedValue<R, C, N[I]> : NamedValue<R, C, I, N[I]>
}

type ListedValue<R, C extends string, X> = X extends string
  ? X extends ValueIn<R, C>
    ? IllNamed<X> extends never
      ? X
      : `value '${X}' makes no lower_snake name; name it: { name: '${X}' }`
    : `'${X}' is not a value of column '${C}'`
  : `a number or a boolean is no name; name it: { name: value }`

type NamedValue<R, C extends string, I, X> = I extends string
  ? IllNamed<I> extends never
    ? X extends ValueIn<R, C>
      ? X
      : `'${X & string}' is not a value of column '${C}'`
    : `'${I}' is not lower_snake`
  : X

type ValueIn<R, C extends string> = C extends keyof R ? NonNullable<R[C]> : unknown

/** The members of an enum; never for other columns. */
type MembersOf<R, C extends string> = C extends keyof R
  ? NonNullable<R[C]> extends string
    ? string extends NonNullable<R[C]>
      ? never
      : NonNullable<R[C]>
    : never
  : never

type Separator = ' ' | '-' | '.' | ',' | '/' | ':' | '&' | '+' | '__'

/** The texts that are no part of a name, as far as types can tell. */
type IllNamed<S extends string> = S extends '' | `${string}${Separator}${string}`
  ? S
  : S extends Lowercase<S>
    ? never
    : S
