import type { OutputTensor } from '../model-source.ts'

type Outputs = Readonly<Record<string, OutputTensor>>

/** The outputs of consecutive rows as if they had been computed at once. */
export function joinOutputs(parts: readonly Outputs[]): Outputs {
  const [first = {}] = parts
  if (parts.length === 1) return first
  return Object.fromEntries(
    Object.entries(first).map(([name, { element, dims }]) => {
      const tensors = parts.flatMap((part) => (part[name] === undefined ? [] : [part[name]]))
      const rows = tensors.reduce((sum, tensor) => sum + (tensor.dims[0] ?? 0), 0)
      return [name, { element, dims: [rows, ...dims.slice(1)], data: tensors.flatMap(({ data }) => Array.from(data)) }]
    }),
  )
}
