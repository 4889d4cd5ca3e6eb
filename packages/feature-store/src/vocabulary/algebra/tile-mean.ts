import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { countOf, fromUnits } from './fixed-point.ts'
import type { Input } from './input.ts'
import { doubleSum, isSplitDecimal } from './split-decimal.ts'

/** Where the moments of one tile are. */
export interface TileColumns {
  readonly leaves: Leaves
  readonly input: Input
  of(kind: 'sum' | 'units' | 'count' | 'counted' | 'high' | 'low' | 'rest'): Sql
}

/** The number of a tile's values. */
export function tileCount({ of, input }: TileColumns): Sql {
  return input.type === 'double' ? sql`(${countOf(of('counted'))})` : of('count')
}

/** The sum of a tile's values, as a double. */
export function tileSum({ of, leaves, input }: TileColumns): Sql {
  if (input.type === 'double') return fromUnits(leaves, of('units'))
  if (isSplitDecimal(input.type)) return doubleSum(leaves, { high: of('high'), low: of('low'), rest: of('rest') })
  return leaves.toDouble(of('sum'))
}

/** The mean of a tile's values; null without any. */
export function tileMean(tile: TileColumns): Sql {
  return sql`(${tileSum(tile)} / NULLIF(${tileCount(tile)}, 0))`
}
