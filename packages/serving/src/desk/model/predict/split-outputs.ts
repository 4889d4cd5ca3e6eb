import type { OutputTensor } from '../model-source.ts'

export type Outputs = Readonly<Record<string, OutputTensor>>

/** The outputs of some rows of a run; views of its arrays, not copies. */
export function splitOutputs(outputs: Outputs, from: number, rows: number): Outputs {
  const split: Record<string, OutputTensor> = {}
  for (const name in outputs) {
    const output = outputs[name]
    if (output === undefined) continue
    const { element, dims, data } = output
    let width = 1
    for (let axis = 1; axis < dims.length; axis++) width *= dims[axis] ?? 1
    split[name] = { element, dims: [rows, ...dims.slice(1)], data: part(data, from * width, (from + rows) * width) }
  }
  return split
}

function part(data: OutputTensor['data'], from: number, to: number): OutputTensor['data'] {
  return ArrayBuffer.isView(data) && 'subarray' in data && typeof data.subarray === 'function'
    ? data.subarray(from, to)
    : Array.prototype.slice.call(data, from, to)
}
