import type { OutputTensor } from '../model-source.ts'
import type { Outputs } from '../predict/split-outputs.ts'

/**
 * The score of a row: a number, or a class when the model answers nothing else; null when it could not be computed.
 */
export type Score = number | string | null

/** Of the first output of floats the last column, which is the probability of the positive class in a binary classifier. */
export function scoreOf(outputs: Outputs): (row: number) => Score {
  const all = Object.values(outputs)
  const numbers = all.find(isFloat)
  if (numbers !== undefined) {
    const width = widthOf(numbers)
    return (row) => {
      const value = Number(numbers.data[row * width + width - 1])
      return Number.isFinite(value) ? value : null
    }
  }
  const [first] = all
  if (first === undefined) return () => null
  const width = widthOf(first)
  return (row) => {
    const value = first.data[row * width]
    return value === undefined ? null : String(value)
  }
}

/** The class of a row: what the model calls it, or the column of the largest value; undefined when there are no classes. */
function classOf(outputs: Outputs): ((row: number) => string) | undefined {
  const all = Object.values(outputs)
  const label = all.find((output) => !isFloat(output))
  if (label !== undefined) {
    const width = widthOf(label)
    return (row) => String(label.data[row * width])
  }
  const columns = all.find((output) => widthOf(output) > 1)
  if (columns === undefined) return undefined
  const width = widthOf(columns)
  return (row) => {
    let best = 0
    for (let column = 1; column < width; column++)
      if (Number(columns.data[row * width + column]) > Number(columns.data[row * width + best])) best = column
    return String(best)
  }
}

/** How far the answers of two models are from each other. */
export interface Difference {
  /** Rows with a number from both. */
  readonly compared: number
  /** The sum of the distances of their scores. */
  readonly distance: number
  /** Rows of which they name different classes, or of which only one has a score. */
  readonly disagreements: number
}

export function differenceOf(left: Outputs, right: Outputs, rows: number): Difference {
  const scores = [scoreOf(left), scoreOf(right)] as const
  const classes = [classOf(left), classOf(right)] as const
  let compared = 0
  let distance = 0
  let disagreements = 0
  for (let row = 0; row < rows; row++) {
    const [one, other] = [scores[0](row), scores[1](row)]
    const named = classes[0] !== undefined && classes[1] !== undefined && classes[0](row) !== classes[1](row)
    if (named || (one === null) !== (other === null)) disagreements++
    if (typeof one !== 'number' || typeof other !== 'number') continue
    compared++
    distance += Math.abs(one - other)
  }
  return { compared, distance, disagreements }
}

function isFloat({ element }: OutputTensor): boolean {
  return element.startsWith('float')
}

function widthOf({ dims }: OutputTensor): number {
  return dims.slice(1).reduce((product, size) => product * size, 1)
}
