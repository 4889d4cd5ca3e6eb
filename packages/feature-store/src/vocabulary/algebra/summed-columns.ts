import type { Leaves, Sql } from '@martlet/warehouse'
import { fixedColumns } from './fixed-point.ts'
import type { Input } from './input.ts'
import { partColumns } from './split-decimal.ts'

/** The columns of events that sums are made from, beside the values themselves. */
export function summedColumns(leaves: Leaves, inputs: readonly Input[]): readonly Sql[] {
  return [...fixedColumns(leaves, inputs), ...partColumns(leaves, inputs)]
}
