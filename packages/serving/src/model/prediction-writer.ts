import type { OutputTensor } from './model-source.ts'

/** Writes the outputs of one row as a JSON object: one value, or an array when the output has several columns. */
export function predictionWriter(outputs: Readonly<Record<string, OutputTensor>>): (row: number) => string {
  const parts = Object.entries(outputs).map(([name, { dims, data }], index) => {
    const width = dims.slice(1).reduce((product, size) => product * size, 1)
    return { prefix: `${index === 0 ? '' : ','}${JSON.stringify(name)}:`, width, single: width === 1 && dims.length <= 2, data }
  })
  return (row) => {
    let text = '{'
    for (const { prefix, width, single, data } of parts) {
      if (single) text += prefix + valueJson(data[row])
      else {
        text += `${prefix}[`
        for (let column = 0; column < width; column++) text += `${column === 0 ? '' : ','}${valueJson(data[row * width + column])}`
        text += ']'
      }
    }
    return `${text}}`
  }
}

/** JSON has no NaN and no infinity: what the model could not compute is null. */
function valueJson(value: number | bigint | string | undefined): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value === 'bigint') return value.toString()
  return value === undefined ? 'null' : JSON.stringify(value)
}
