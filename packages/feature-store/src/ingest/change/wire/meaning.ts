/** What a value on the wire means, before it becomes one of a column. */
export type Meaning =
  | { readonly is: 'nothing' }
  /** The database did not send it, because it did not change. */
  | { readonly is: 'unchanged' }
  | { readonly is: 'boolean'; readonly value: boolean }
  | { readonly is: 'whole'; readonly value: bigint }
  | { readonly is: 'decimal'; readonly units: bigint; readonly scale: number }
  | { readonly is: 'double'; readonly value: number }
  /** No number, in a column of numbers. */
  | { readonly is: 'not a number' }
  | { readonly is: 'text'; readonly value: string }
  /** Microseconds since the epoch. */
  | { readonly is: 'instant'; readonly micros: bigint }
  /** Days since the epoch. */
  | { readonly is: 'date'; readonly days: bigint }
  /** Before or after all time. */
  | { readonly is: 'infinite'; readonly sign: 1 | -1 }
  /** Microseconds since midnight. */
  | { readonly is: 'time'; readonly micros: bigint }
  /** Bits, the first one lowest. */
  | { readonly is: 'bits'; readonly value: bigint; readonly length: number }
  | { readonly is: 'wrong'; readonly expected: string }

export const NOTHING: Meaning = { is: 'nothing' }
export const UNCHANGED: Meaning = { is: 'unchanged' }

export function wrong(expected: string): Meaning {
  return { is: 'wrong', expected }
}
