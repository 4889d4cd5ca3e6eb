import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import { centreId, type CentreColumn } from './centre-id.ts'
import { fixedId } from './fixed-point.ts'
import type { Input } from './input.ts'
import { tileCount, tileMean } from './tile-mean.ts'
import { isSplitDecimal, partId } from './split-decimal.ts'

/** How two tiles' moments become one. */
export type Merge = 'sum' | 'min' | 'max' | 'newest' | 'oldest'

export type MomentKind =
  | 'count'
  | 'sum'
  | 'units'
  | 'counted'
  | 'high'
  | 'low'
  | 'rest'
  | 'spread'
  | 'cross'
  | 'min'
  | 'max'
  | 'newestTime'
  | 'oldestTime'
  | 'newest'
  | 'oldest'
  | 'tau'
  | 'tauSquared'
  | 'squares'
  | 'products'
  | 'changed'
  | 'newestRank'

/** A quantity kept per tile whose values merge over neighbouring tiles. */
export interface Moment {
  readonly id: string
  readonly kind: MomentKind
  readonly input: Input
}

interface Kind {
  readonly merge: Merge
  /** The tile's value from its events `x`, `us` (event time, µs), `tau` (µs from the origin) and `sequence`. */
  readonly tile?: (leaves: Leaves, x: Sql, input: Input) => Sql
  /** The tile's value from other moments of the same input and what is known of the entity. */
  readonly derived?: (tile: DerivedTile) => Sql
  readonly needs?: readonly MomentKind[]
}

/** A tile whose other moments are known, with its entity's centre and units. */
interface DerivedTile {
  readonly leaves: Leaves
  readonly input: Input
  of(kind: MomentKind): Sql
  known(name: CentreColumn): Sql
}

const us = sql.id('us')
const tau = sql.id('tau')

const kinds: Readonly<Record<MomentKind, Kind>> = {
  count: { merge: 'sum', tile: (_, x) => sql`COUNT(${x})` },
  /** Of whole numbers and decimals. */
  sum: { merge: 'sum', tile: (_, x) => sql`SUM(${x})` },
  /** The sum of doubles as a whole number of units: see `fixed-point`. */
  units: { merge: 'sum', tile: (_, _x, input) => sql`SUM(${sql.id(fixedId('units', input))})` },
  /** The number of doubles, and what the units lack of them. */
  counted: { merge: 'sum', tile: (_, _x, input) => sql`SUM(${sql.id(fixedId('counted', input))})` },
  /** Of decimals that are summed in parts: see `split-decimal`. */
  high: { merge: 'sum', tile: (_, _x, input) => sql`SUM(${sql.id(partId('high', input))})` },
  low: { merge: 'sum', tile: (_, _x, input) => sql`SUM(${sql.id(partId('low', input))})` },
  rest: { merge: 'sum', tile: (_, _x, input) => sql`SUM(${sql.id(partId('rest', input))})` },
  /** Sum of squared deviations from the tile's own mean. */
  spread: {
    merge: 'sum',
    tile: (leaves, _, input) => sql`VAR_POP(${computable(leaves, input)}) * COUNT(${computable(leaves, input)})`,
  },
  /** Sum of the products of the deviations of values and times from the tile's own means. */
  cross: {
    merge: 'sum',
    tile: (leaves, _, input) => {
      const value = computable(leaves, input)
      return sql`COVAR_POP(${value}, ${leaves.toDouble(tau)}) * COUNT(${value})`
    },
  },
  min: { merge: 'min', tile: (_, x) => sql`MIN(${x})` },
  max: { merge: 'max', tile: (_, x) => sql`MAX(${x})` },
  newestTime: { merge: 'max', tile: (_, x) => sql`MAX(CASE WHEN ${x} IS NOT NULL THEN ${us} END)` },
  oldestTime: { merge: 'min', tile: (_, x) => sql`MIN(CASE WHEN ${x} IS NOT NULL THEN ${us} END)` },
  newest: { merge: 'newest', tile: (leaves, x, { type }) => leaves.newest(x, [us, sql.id('sequence'), x], type) },
  oldest: { merge: 'oldest', tile: (leaves, x, { type }) => leaves.oldest(x, [us, sql.id('sequence'), x], type) },
  tau: { merge: 'sum', tile: (leaves, x) => sql`SUM(CASE WHEN ${x} IS NOT NULL THEN ${leaves.toWide(tau)} END)` },
  tauSquared: {
    merge: 'sum',
    tile: (leaves, x) => sql`SUM(CASE WHEN ${x} IS NOT NULL THEN ${leaves.toWide(tau)} * ${leaves.toWide(tau)} END)`,
  },
  /** Sum of squared deviations from the entity's centre, as a whole number of units. */
  squares: {
    merge: 'sum',
    needs: ['count', 'sum', 'spread'],
    derived: (tile) => {
      const off = sql`(${tileMean(tile)} - ${tile.known('centre')})`
      const value = sql`(${tile.of('spread')} + ${tileCount(tile)} * ${off} * ${off})`
      return inUnits(tile, value, 'square_unit')
    },
  },
  /** Sum of the products of times and of deviations from the entity's centre, as a whole number of units. */
  products: {
    merge: 'sum',
    needs: ['count', 'sum', 'spread', 'cross', 'tau', 'tauSquared'],
    derived: (tile) => {
      const off = sql`(${tileMean(tile)} - ${tile.known('centre')})`
      const value = sql`(${tile.of('cross')} + ${off} * ${tile.leaves.toDouble(tile.of('tau'))})`
      return inUnits(tile, value, 'product_unit')
    },
  },
  /** A boundary after which all values are equal to the newest; later than it need be where tiles have no value. */
  changed: {
    merge: 'max',
    needs: ['min', 'max'],
    derived: ({ of, input }) => sql`
      CASE
        WHEN ${of('min')} < ${of('max')} THEN j
        WHEN ${of('max')} = ${sql.id(previousId('max', input))} OR ${of('max')} IS NULL THEN NULL
        ELSE ${sql.id(previousId('j', input))} END
    `,
  },
  /** The place of the newest event among all of the entity's: see `rankId`. */
  newestRank: {
    merge: 'max',
    tile: (_, x, input) => sql`MAX(CASE WHEN ${x} IS NOT NULL THEN ${sql.id(rankId(input))} END)`,
  },
}

/** Every kind of moment. */
export const momentKinds: readonly string[] = Object.keys(kinds)

function inUnits({ leaves, known }: DerivedTile, value: Sql, unit: CentreColumn): Sql {
  return leaves.toWide(leaves.toDouble(sql`${value} / ${known(unit)}`))
}

/** The value as a double, where it can be squared. */
function computable(leaves: Leaves, input: Input): Sql {
  return leaves.toDouble(sql.id(input.type === 'double' ? fixedId('fit', input) : input.id))
}

export function mergeOf(kind: MomentKind): Merge {
  return kinds[kind].merge
}

/** The moments a tile must hold so that a moment of a column of this type can be had from it. */
export function tileKinds(kind: MomentKind, type: ColumnType): readonly MomentKind[] {
  return (kinds[kind].needs ?? [kind]).flatMap((needed) => ofType(needed, type))
}

/** What sums and counts of a type are kept as. */
export function ofType(kind: MomentKind, type: ColumnType): readonly MomentKind[] {
  if (type === 'double') return [kind === 'sum' ? 'units' : kind === 'count' ? 'counted' : kind]
  return kind === 'sum' && isSplitDecimal(type) ? ['high', 'low', 'rest'] : [kind]
}

/** Whether a moment is had from others of its tile. */
export function isDerived(kind: MomentKind): boolean {
  return kinds[kind].derived !== undefined
}

/** A tile moment as an aggregate over the events of one entity and one tile. */
export function tileMoment(leaves: Leaves, moment: Moment): Sql {
  const kind = kinds[moment.kind]
  if (kind.tile === undefined) throw new Error(`moment ${moment.kind} is not an aggregate of events`)
  return kind.tile(leaves, sql.id(moment.input.id), moment.input)
}

/** A moment that is had from others of its tile. */
export function derivedMoment(leaves: Leaves, { kind, input }: Moment): Sql {
  const { derived } = kinds[kind]
  if (derived === undefined) throw new Error(`moment ${kind} is not derived`)
  const of = (other: MomentKind): Sql => sql.id(momentId(other, input))
  return derived({ leaves, input, of, known: (name) => sql.id(centreId(name, input)) })
}

export function momentId(kind: MomentKind, input: Input): string {
  return `${input.id}_${kind}`
}

/** The events column with the place of each event in the entity's order of time, sequence and value. */
export function rankId(input: Input): string {
  return `${input.id}_rank`
}

/** The tile column with the largest value, or the boundary, of the tile before. */
export function previousId(name: 'max' | 'j', input: Input): string {
  return `${input.id}_previous_${name}`
}

/** A merge over a window frame. */
export function mergeOver(leaves: Leaves, merge: Merge, column: Sql, over: Sql): Sql {
  switch (merge) {
    case 'sum':
      return sql`SUM(${column}) OVER (${over})`
    case 'min':
      return sql`MIN(${column}) OVER (${over})`
    case 'max':
      return sql`MAX(${column}) OVER (${over})`
    case 'newest':
      return leaves.lastPresent(column, over)
    case 'oldest':
      return leaves.firstPresent(column, over)
  }
}
