import type { FeatureMatrix } from '../model-source.ts'

/** The rows of several requests, one after another. */
export function joinedMatrix(parts: readonly FeatureMatrix[]): FeatureMatrix {
  const starts: number[] = []
  let rows = 0
  for (const part of parts) {
    starts.push(rows)
    rows += part.rows
  }
  const value: FeatureMatrix['value'] = (row, field) => {
    let index = starts.length - 1
    while ((starts[index] ?? 0) > row) index--
    return parts[index]?.value(row - (starts[index] ?? 0), field) ?? null
  }
  if (!parts.every(({ fill }) => fill !== undefined)) return { rows, value }
  return {
    rows,
    value,
    fill(field, target, offset, stride) {
      for (let index = 0; index < parts.length; index++)
        parts[index]?.fill?.(field, target, offset + (starts[index] ?? 0) * stride, stride)
    },
  }
}
