import type { JsonBytes } from '../../json/json-bytes.ts'
import type { OutputTensor } from '../model-source.ts'

export type PredictionWriter = (out: JsonBytes, row: number) => void

/**
 * Writes the outputs of one row as a JSON object: one value per output, an array when it has several columns, and arrays in
 * arrays when it has more dimensions.
 */
export function predictionWriter(outputs: Readonly<Record<string, OutputTensor>>): PredictionWriter {
  const parts = Object.entries(outputs).map(([name, { dims, data }], index) => {
    const sizes = dims.slice(1)
    const width = sizes.reduce((product, size) => product * size, 1)
    return {
      prefix: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
      width,
      sizes: width === 1 && dims.length <= 2 ? [] : sizes,
      data,
    }
  })
  return (out, row) => {
    out.json('{')
    for (const { prefix, width, sizes, data } of parts) {
      out.json(prefix)
      writePart(out, data, { sizes, level: 0, from: row * width, count: width })
    }
    out.json('}')
  }
}

/** The `count` values from `from` on, which the sizes from `level` on divide among arrays. */
interface Part {
  readonly sizes: readonly number[]
  readonly level: number
  readonly from: number
  readonly count: number
}

function writePart(out: JsonBytes, data: OutputTensor['data'], { sizes, level, from, count }: Part): void {
  const size = sizes[level]
  if (size === undefined) return writeValue(out, data[from])
  const each = count / size
  out.json('[')
  for (let index = 0; index < size; index++) {
    if (index > 0) out.json(',')
    writePart(out, data, { sizes, level: level + 1, from: from + index * each, count: each })
  }
  out.json(']')
}

/** JSON has neither NaN nor infinity: what the model could not compute is null. */
function writeValue(out: JsonBytes, value: number | bigint | string | undefined): void {
  if (typeof value === 'number') out.number(value)
  else if (typeof value === 'string') out.string(value)
  else out.json(value === undefined ? 'null' : value.toString())
}
