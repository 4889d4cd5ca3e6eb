import type { Input } from './input.ts'

/** What is known of an entity's values of one input: see `centres`. */
export type CentreColumn = 'centre' | 'largest' | 'square_unit' | 'product_unit'

export function centreId(name: CentreColumn, input: Input): string {
  return `${input.id}_${name}`
}
