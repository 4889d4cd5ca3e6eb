import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { fromUnits } from './fixed-point.ts'
import type { Input } from './input.ts'

/** Where the moments of one tile are. */
export interface TileColumns {
  readonly leaves: Leaves
  readonly input: Input
  of(kind: 'sum' | 'units' | 'count'): Sql
}

/** The mean of a tile's values; null without any. */
export function tileMean({ of, leaves, input }: TileColumns): Sql {
  const sum = input.type === 'double' ? fromUnits(leaves, of('units')) : leaves.toDouble(of('sum'))
  return sql`(${sum} / NULLIF(${of('count')}, 0))`
}
