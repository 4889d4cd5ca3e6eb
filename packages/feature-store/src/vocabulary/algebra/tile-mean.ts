import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { countOf, fromUnits } from './fixed-point.ts'
import type { Input } from './input.ts'

/** Where the moments of one tile are. */
export interface TileColumns {
  readonly leaves: Leaves
  readonly input: Input
  of(kind: 'sum' | 'units' | 'count' | 'counted'): Sql
}

/** The number of a tile's values. */
export function tileCount({ of, input }: TileColumns): Sql {
  return input.type === 'double' ? sql`(${countOf(of('counted'))})` : of('count')
}

/** The mean of a tile's values; null without any. */
export function tileMean(tile: TileColumns): Sql {
  const { of, leaves, input } = tile
  const sum = input.type === 'double' ? fromUnits(leaves, of('units')) : leaves.toDouble(of('sum'))
  return sql`(${sum} / NULLIF(${tileCount(tile)}, 0))`
}
