import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { centreId } from './centre-id.ts'
import type { Input } from './input.ts'
import { mergeOf, momentId, type Moment, type MomentKind } from './moments.ts'
import { tileCount, tileMean, tileSum } from './tile-mean.ts'

/** What the tiles of several old boundaries are together: their moments must not be lost in one another's rounding. */
export function mergedOld(leaves: Leaves, moment: Moment): Sql {
  const { input, kind } = moment
  const of = (other: MomentKind): Sql => sql.id(momentId(other, input))
  const tile = { of, leaves, input }
  const off = sql`(${tileMean(tile)} - ${sql.id(centreId('centre', input))})`
  if (kind === 'spread') return sql`SUM(${of('spread')} + ${tileCount(tile)} * ${off} * ${off})`
  if (kind === 'cross') return sql`SUM(${of('cross')} + ${off} * ${leaves.toDouble(of('tau'))})`
  switch (mergeOf(kind)) {
    case 'sum':
      return sql`SUM(${of(kind)})`
    case 'min':
      return sql`MIN(${of(kind)})`
    case 'max':
      return sql`MAX(${of(kind)})`
    case 'newest':
      return leaves.newest(of(kind), [sql`j`], input.type)
    case 'oldest':
      return leaves.oldest(of(kind), [sql`j`], input.type)
  }
}

/** The mean of an input over all tiles of an entity. */
export function meanOverTiles(leaves: Leaves, input: Input): Sql {
  const of = (kind: MomentKind): Sql => sql.id(momentId(kind, input))
  const total = (column: Sql): Sql => sql`SUM(${column}) OVER (PARTITION BY e)`
  const sum = tileSum({ leaves, input, of: (kind) => total(of(kind)) })
  return leaves.divide(sum, total(tileCount({ of, leaves, input })))
}
