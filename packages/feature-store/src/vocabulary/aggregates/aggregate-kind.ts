import type { ColumnType, Sql } from '@martlet/warehouse'
import type { AggregateParameters, Micros } from '../../plan/feature-plan.ts'
import type { SourceColumn } from '../../plan/source-plan.ts'
import type { Group, GroupColumn } from '../algebra/group.ts'
import type { MomentKind } from '../algebra/moments.ts'
import type { Rounding } from '../algebra/rounding.ts'
import type { MomentUse, WindowMoments } from '../algebra/window-moments.ts'

/**
 * What one aggregate means. Adding one is a file with such an object and an entry in `list.ts`.
 *
 * `plain` alone makes it work in every window. `merged` says how it follows from tiles, which only makes it faster.
 */
export interface AggregateKind {
  readonly name: string
  /** How many columns it is of. */
  readonly arity: 0 | 1 | 2
  /** Its value in a window without events. */
  readonly empty: 0 | null
  /** Whether its value may be beyond the type that it has, and is null then. */
  readonly grows?: boolean
  /** Whether it is a feature by itself, over everything before T. */
  readonly standsAlone?: boolean
  /** Whether it is a feature over everything before T, and over nothing else. */
  readonly onlyLifetime?: true
  /** Whether it merges from small accumulators that `online` has, so that a continuous view can have it. */
  readonly continuous?: true
  /** Whether `plain` asks how many events of the group have the same value. */
  readonly counted?: true
  /**
   * Whether it is of the time that intervals cover: the column of `plain` is then how much of a window an interval covers,
   * in µs.
   */
  readonly spans?: true
  /** Why it cannot be of these columns; undefined when it can. */
  refuses?(columns: readonly SourceColumn[]): string | undefined
  /**
   * What it takes beside columns, from the arguments behind them; a text says why they are wrong. `duration` reads a
   * duration, and refuses what is none.
   */
  parameters?(
    given: readonly unknown[],
    duration: (text: unknown, role: string) => Micros,
  ): AggregateParameters | string
  /** How parameters are written behind the columns; without it they are not. */
  parameterWords?(parameters: AggregateParameters): readonly string[]
  /** The type of its value, from that of its first column. */
  type(column: ColumnType): ColumnType
  /**
   * Its value over a group of events by the engine's own function. `x` is its column, or the row itself, and `y` the
   * second one of an aggregate of two; both are null where an event does not count.
   */
  plain(group: Group, x: GroupColumn, y: GroupColumn, parameters: AggregateParameters): Sql
  /** As `plain`, by a sketch of the engine; without it there is no approximate form. */
  approximate?(group: Group, x: GroupColumn, parameters: AggregateParameters): Sql
  /** How its value is computed again where rounding may have spoiled it; without it there is no rounding. */
  readonly rounding?: Rounding
  readonly merged?: MergedMoments | MergedChanges
}

/** An aggregate that follows from moments of tiles. */
export interface MergedMoments {
  readonly by: 'moments'
  /** With arrival times: when it follows from what has entered each of the window's edges. */
  readonly edges: 'always' | 'lifetime' | 'never'
  /** The moments that `value` asks for, in that order. */
  needs(use: MomentUse): readonly MomentKind[]
  value(window: WindowMoments): Sql
  /** Whether that value may be further than 1e-9 from the right one, where its type is rounded at all. */
  doubt?(window: WindowMoments): Sql
}

/** An aggregate that follows from a log of when each value enters the window and leaves it. */
export interface MergedChanges {
  readonly by: 'changes'
}
