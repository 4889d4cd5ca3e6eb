import type { OutputTensor } from '../../desk/model/model-source.ts'
import type { Datatype } from './datatypes.ts'
import { numberOfHalf } from './half.ts'
import { invalid } from './invalid.ts'

type Labels = readonly (string | number)[] | null

export interface Classes {
  readonly shape: readonly number[]
  /** `value:index`, or `value:index:label` where the model file has labels. */
  readonly data: readonly string[]
}

/**
 * The largest values of each row with their places, largest first; of equal values the first one, and NaN last.
 *
 * @param most how many of them
 * @param batched whether the answer has a dimension for rows
 * @throws Problem 400 when the output holds texts
 */
export function classesOf(
  datatype: Datatype,
  { dims, data }: OutputTensor,
  labels: Labels,
  most: number,
  batched: boolean,
  place: string,
): Classes {
  if (datatype === 'BYTES')
    throw invalid(`${place}.parameters.classification`, 'is given for an output of texts, which have no order')
  const rows = dims[0] ?? 0
  const width = dims.slice(1).reduce((product, size) => product * size, 1)
  const kept = Math.min(most, width)
  const found: string[] = []
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: width }, (_, column) => valueAt(datatype, data[row * width + column]))
    const order = values.map((_, column) => column).sort((a, b) => byValue(values[a], values[b]) || a - b)
    for (const column of order.slice(0, kept)) {
      const label = labels?.length === width ? labels[column] : undefined
      found.push(`${values[column]}:${column}${label === undefined ? '' : `:${label}`}`)
    }
  }
  return { shape: batched || rows !== 1 ? [rows, kept] : [kept], data: found }
}

function valueAt(datatype: Datatype, value: number | bigint | string | undefined): number | bigint {
  if (typeof value === 'bigint') return value
  return datatype === 'FP16' ? numberOfHalf(Number(value)) : Number(value)
}

/** The larger first. */
function byValue(a: number | bigint = NaN, b: number | bigint = NaN): number {
  if (a < b) return 1
  if (a > b) return -1
  return Number(Number.isNaN(Number(a))) - Number(Number.isNaN(Number(b)))
}
