import type { JsonBytes } from '../../json/json-bytes.ts'
import type { OutputTensor } from '../model-source.ts'

export type PredictionWriter = (out: JsonBytes, row: number) => void

/** Writes the outputs of one row as a JSON object: one value per output, or an array when it has several columns. */
export function predictionWriter(outputs: Readonly<Record<string, OutputTensor>>): PredictionWriter {
  const parts = Object.entries(outputs).map(([name, { dims, data }], index) => {
    const width = dims.slice(1).reduce((product, size) => product * size, 1)
    return {
      prefix: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`,
      width,
      single: width === 1 && dims.length <= 2,
      data,
    }
  })
  return (out, row) => {
    out.json('{')
    for (const { prefix, width, single, data } of parts) {
      out.json(prefix)
      if (single) writeValue(out, data[row])
      else {
        out.json('[')
        for (let column = 0; column < width; column++) {
          if (column > 0) out.json(',')
          writeValue(out, data[row * width + column])
        }
        out.json(']')
      }
    }
    out.json('}')
  }
}

/** JSON has neither NaN nor infinity: what the model could not compute is null. */
function writeValue(out: JsonBytes, value: number | bigint | string | undefined): void {
  if (typeof value === 'number') out.number(value)
  else if (typeof value === 'string') out.string(value)
  else out.json(value === undefined ? 'null' : value.toString())
}
