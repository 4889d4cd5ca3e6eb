import type { Answers } from './zoo-file.ts'

/** How far answers may lie from those expected: absolute up to 1, relative beyond. */
export interface Compared {
  readonly largest: number
  /** The first answer that is further away, or another one altogether. */
  readonly miss: string | undefined
}

/** Compares what was served with what Python answered, row by row and column by column. */
export function compare(served: Answers, expected: Answers, tolerance: number): Compared {
  let largest = 0
  let miss: string | undefined
  for (const [output, rows] of Object.entries(expected))
    for (const [row, want] of rows.entries()) {
      const wanted = Array.isArray(want) ? want : [want]
      const answer = served[output]?.[row]
      const got = Array.isArray(answer) ? answer : [answer]
      for (const [column, value] of wanted.entries()) {
        const difference = differenceOf(got[column], value)
        if (Number.isFinite(difference)) largest = Math.max(largest, difference)
        if (!(difference <= tolerance) || got.length !== wanted.length)
          miss ??= `row ${row} of ${output}: served ${JSON.stringify(got)}, expected ${JSON.stringify(wanted)}`
      }
    }
  return { largest, miss }
}

function differenceOf(got: unknown, want: string | number | boolean | null): number {
  if (got === want) return 0
  // labels that are true and false in the library are 1 and 0 in the exported model
  if (typeof want === 'boolean') return got === Number(want) ? 0 : Number.NaN
  return typeof got === 'number' && typeof want === 'number'
    ? Math.abs(got - want) / Math.max(1, Math.abs(want))
    : Number.NaN
}
