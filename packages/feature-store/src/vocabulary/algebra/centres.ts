import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { centreId, type CentreColumn } from './centre-id.ts'
import type { Input } from './input.ts'
import { integer } from './integer.ts'
import { momentId, type MomentKind } from './moments.ts'
import { tileCount, tileMean } from './tile-mean.ts'

/** The largest whole number that a sum of tiles is counted in: 2^26 tiles of the largest size fit. */
const FINEST = 2n ** 100n

interface CentreValue {
  readonly id: string
  readonly value: Sql
}

/**
 * What is known of an entity's values, as aggregates over its tiles: a value amid them that outliers do not drag away,
 * how many values the largest tile after `low` has, and units in which sums over tiles are exact.
 */
export function centreColumns(
  leaves: Leaves,
  input: Input,
  kindsWanted: readonly MomentKind[],
  low: Sql,
): readonly CentreValue[] {
  const of = (kind: MomentKind): Sql => sql.id(momentId(kind, input))
  const mean = tileMean({ of, leaves, input })
  const count = tileCount({ of, leaves, input })
  const centre = sql`MEDIAN(${mean})`
  const far = leaves.greatest(sql`MAX(${mean}) - ${centre}`, sql`${centre} - MIN(${mean})`)
  const most = sql`MAX(${count})`
  const unit = (bound: Sql): Sql => sql`CASE WHEN ${bound} > 0 THEN ${bound} / ${integer(FINEST)} ELSE 1 END`
  const named = (name: CentreColumn, value: Sql): CentreValue => ({ id: centreId(name, input), value })
  const square = sql`(COALESCE(MAX(${of('spread')}), 0) + ${most} * ${far} * ${far})`
  const columns = [
    named('centre', centre),
    named('largest', sql`COALESCE(MAX(CASE WHEN j > ${low} THEN ${count} END), 0)`),
    named('square_unit', unit(square)),
  ]
  if (!kindsWanted.includes('products')) return columns
  const farthest = sql`MAX(ABS(${leaves.toDouble(of('tau'))} / NULLIF(${count}, 0)))`
  const times = leaves.toDouble(sql`MAX(${of('tauSquared')})`)
  const product = sql`(SQRT(COALESCE(MAX(${of('spread')}), 0) * ${times}) + ${most} * ${far} * ${farthest})`
  return [...columns, named('product_unit', unit(product))]
}
