import type { Answer, Answers } from './zoo-file.ts'

type Value = string | number | boolean | null

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
      const answer = served[output]?.[row] ?? null
      const [wanted, got] = [valuesIn(want), valuesIn(answer)]
      for (const [column, value] of wanted.entries()) {
        const difference = differenceOf(got[column], value)
        if (Number.isFinite(difference)) largest = Math.max(largest, difference)
        if (!(difference <= tolerance) || shapeOf(answer) !== shapeOf(want))
          miss ??= `row ${row} of ${output}: served ${JSON.stringify(answer)}, expected ${JSON.stringify(want)}`
      }
    }
  return { largest, miss }
}

function valuesIn(answer: Answer): readonly Value[] {
  return isArray(answer) ? answer.flatMap(valuesIn) : [answer]
}

/** The sizes of arrays in arrays, as text. */
function shapeOf(answer: Answer): string {
  return isArray(answer) ? `${answer.length},${shapeOf(answer[0] ?? 0)}` : ''
}

function isArray(answer: Answer): answer is readonly Answer[] {
  return Array.isArray(answer)
}

function differenceOf(got: Value | undefined, want: Value): number {
  if (got === want) return 0
  // labels that are true and false in the library are 1 and 0 in the exported model
  if (typeof want === 'boolean') return got === Number(want) ? 0 : Number.NaN
  return typeof got === 'number' && typeof want === 'number'
    ? Math.abs(got - want) / Math.max(1, Math.abs(want))
    : Number.NaN
}
