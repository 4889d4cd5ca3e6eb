import { sql, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import type { Expression } from '../../plan/expression.ts'

/** What is aggregated: a column of the fact where a predicate holds; column null stands for the row itself. */
export interface Input {
  /** The name of its column in the events relation. */
  readonly id: string
  readonly column: string | null
  readonly where: Expression | null
  readonly type: ColumnType
}

/** How two tiles' moments become one. */
export type Merge = 'sum' | 'min' | 'max' | 'newest' | 'oldest'

export type MomentKind =
  | 'count'
  | 'nonzero'
  | 'sum'
  | 'spread'
  | 'min'
  | 'max'
  | 'newestTime'
  | 'oldestTime'
  | 'newest'
  | 'oldest'
  | 'tau'
  | 'tauSquared'
  | 'valueTau'
  | 'centredSum'
  | 'centredSquares'
  | 'centredTau'
  | 'newestRank'
  | 'level'
  | 'levelSquared'

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
  /** The tile's value from other moments of the same input and the entity's centre. */
  readonly centred?: (of: (kind: MomentKind) => Sql, centre: Sql) => Sql
  readonly needs?: readonly MomentKind[]
}

const us = sql.id('us')
const tau = sql.id('tau')

const kinds: Readonly<Record<MomentKind, Kind>> = {
  count: { merge: 'sum', tile: (_, x) => sql`COUNT(${x})` },
  /** Values other than zero: when a window has none its sum is exactly zero, whatever rounding says. */
  nonzero: { merge: 'sum', tile: (_, x) => sql`COUNT(CASE WHEN ${x} <> 0 THEN 1 END)` },
  sum: { merge: 'sum', tile: (_, x) => sql`SUM(${x})` },
  /** Sum of squared deviations from the tile's own mean. */
  spread: { merge: 'sum', tile: (leaves, x) => sql`VAR_POP(${leaves.toDouble(x)}) * COUNT(${x})` },
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
  valueTau: { merge: 'sum', tile: (leaves, x) => sql`SUM(${leaves.toDouble(x)} * ${leaves.toDouble(tau)})` },
  centredSum: {
    merge: 'sum',
    needs: ['count', 'sum'],
    centred: (of, centre) => sql`${of('sum')} - ${of('count')} * ${centre}`,
  },
  centredSquares: {
    merge: 'sum',
    needs: ['count', 'sum', 'spread'],
    centred: (of, centre) => {
      const count = of('count')
      const off = sql`(${of('sum')} / NULLIF(${count}, 0) - ${centre})`
      return sql`${of('spread')} + ${count} * ${off} * ${off}`
    },
  },
  /** The place of the newest event among all of the entity's: see `rankId`. */
  newestRank: {
    merge: 'max',
    tile: (_, x, input) => sql`MAX(CASE WHEN ${x} IS NOT NULL THEN ${sql.id(rankId(input))} END)`,
  },
  level: {
    merge: 'sum',
    tile: (leaves, x, input) => sql`SUM(CASE WHEN ${x} IS NOT NULL THEN ${leaves.toWide(sql.id(levelId(input)))} END)`,
  },
  levelSquared: {
    merge: 'sum',
    tile: (leaves, x, input) =>
      sql`
        SUM(CASE
            WHEN ${x} IS NOT NULL THEN ${leaves.toWide(sql.id(levelId(input)))} * ${leaves.toWide(sql.id(levelId(input)))} END)
      `,
  },
  centredTau: {
    merge: 'sum',
    needs: ['count', 'sum', 'tau', 'valueTau'],
    centred: (of, centre) => sql`${of('valueTau')} - ${centre} * ${of('tau')}`,
  },
}

export function mergeOf(kind: MomentKind): Merge {
  return kinds[kind].merge
}

/** The moments a tile must hold so that `moment` can be had from it. */
export function tileKinds(kind: MomentKind): readonly MomentKind[] {
  return kinds[kind].needs ?? [kind]
}

export function isCentred(kind: MomentKind): boolean {
  return kinds[kind].centred !== undefined
}

/** A tile moment as an aggregate over the events of one entity and one tile. */
export function tileMoment(leaves: Leaves, moment: Moment): Sql {
  const kind = kinds[moment.kind]
  if (kind.tile === undefined) throw new Error(`moment ${moment.kind} is not an aggregate of events`)
  return kind.tile(leaves, sql.id(moment.input.id), moment.input)
}

/** A centred moment from the tile's other moments; `centre` is the entity's mean of the input. */
export function centredMoment(leaves: Leaves, moment: Moment): Sql {
  const kind = kinds[moment.kind]
  if (kind.centred === undefined) throw new Error(`moment ${moment.kind} is not centred`)
  const of = (other: MomentKind): Sql => leaves.toDouble(sql.id(momentId(other, moment.input)))
  return kind.centred(of, sql.id(centreId(moment.input)))
}

export function momentId(kind: MomentKind, input: Input): string {
  return `${input.id}_${kind}`
}

/** The events column with the place of each event in the entity's order of time, sequence and value. */
export function rankId(input: Input): string {
  return `${input.id}_rank`
}

/** The events column that numbers the entity's different values from 1: whole numbers to tell equal values exactly. */
export function levelId(input: Input): string {
  return `${input.id}_level`
}

export function centreId(input: Input): string {
  return `${input.id}_centre`
}

/** The entity's mean of an input over all tiles at hand. */
export function centreSql(leaves: Leaves, input: Input): Sql {
  const total = sql`SUM(${leaves.toDouble(sql.id(momentId('sum', input)))}) OVER (PARTITION BY e)`
  const count = sql`SUM(${leaves.toDouble(sql.id(momentId('count', input)))}) OVER (PARTITION BY e)`
  return leaves.divide(total, count)
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
