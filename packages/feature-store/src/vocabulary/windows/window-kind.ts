import type { z } from 'zod'
import type { Leaves, Sql } from '@martlet/warehouse'
import type { AnchorPlan } from '../../plan/anchor-plan.ts'
import type { Micros, WindowPlan } from '../../plan/feature-plan.ts'
import type { CalendarUnit } from '../../plan/time/calendar-unit.ts'
import type { SourcePlan } from '../../plan/source-plan.ts'
import type { GridPlan } from '../../plan/view-plan.ts'
import type { Reading } from '../features/feature-kind.ts'
import type { Span } from '../algebra/window-moments.ts'

/** An event as a window sees it. */
export interface WindowEvent {
  /** Its time, µs. */
  readonly us: Sql
  /**
   * Its place among the events before T that the aggregate counts, the newest first, from 1. Only for windows that
   * are `ranked`.
   */
  readonly back: Sql
  /** The end of the interval that it begins, µs. Only for windows `ofOpen` intervals. */
  readonly until: Sql
  /** How far its meter is below the one at the newest event. Only for windows along a `meter`. */
  readonly below: Sql
}

/** T as a window sees it. */
export interface WindowPoint {
  readonly leaves: Leaves
  /** T, µs. */
  readonly us: Sql
  /** The instants that the window has asked for, µs: its starts of units, then the time of its anchor. */
  readonly edges: readonly Sql[]
}

/** The start of the local unit that lies `back` units before the one that T lies in. */
export interface UnitStart {
  readonly unit: CalendarUnit
  readonly back: number
}

/** What one kind of window means. Adding one is a file with such an object and an entry in `list.ts`. */
export interface WindowKind<P extends WindowPlan = WindowPlan> {
  readonly kind: P['kind']
  /** The fields of its plan, to read a stored plan. */
  readonly fields: Readonly<Record<string, z.ZodType>>
  /** `over 7d`, behind the aggregate. */
  words(window: P): string
  /** How far before T it begins; null: since ever, or not to be said in time. */
  reach(window: P): Micros | null
  /** Which of the events before T count; undefined: all of them. */
  inside(window: P, event: WindowEvent, point: WindowPoint): Sql | undefined
  /** Between which instants it lies, µs, in time; `from` undefined: since ever. A window without it is not of time. */
  bounds?(window: P, point: WindowPoint): { readonly from: Sql | undefined; readonly to: Sql }
  /** Whether `inside` asks for `until`. */
  readonly ofOpen?: true
  /** Whether `inside` asks for `back`. */
  readonly ranked?: true
  /** Why a view with this grid cannot have it. */
  refuses?(window: P, grid: GridPlan): string | undefined
  /** Its edges on the local calendar of the view, for `inside`; the earliest one first. */
  starts?(window: P): readonly UnitStart[]
  /** The column with the readings of the meter that it lies along. */
  meter?(window: P): string
  /** The events of which `inside` has to know the newest before T. */
  anchor?(window: P): AnchorPlan
  /** Where there is no such window, so that every aggregate is null; undefined: nowhere. */
  missing?(window: P, point: WindowPoint): Sql | undefined
  /** What it depends on besides the events that it covers. */
  reads?(window: P): readonly Reading[]
  /** What the hash of a view covers of it; the whole plan unless given. */
  core?(window: P, sourceCore: (source: SourcePlan, used: ReadonlySet<string>) => unknown): unknown
  /** Where it lies on tiles of a length; a window without it is answered by joining points with events. */
  span?(window: P, grain: Micros): Span
  /** Lengths that must be whole numbers of tiles. */
  lengths?(window: P): readonly Micros[]
  /** The number of newest rows, when that is what it is. */
  rows?(window: P): number
}

/** The edges of a point, as many as the window has asked for. */
export function edgesOf({ edges }: WindowPoint, count: 1): readonly [Sql]
export function edgesOf({ edges }: WindowPoint, count: 2): readonly [Sql, Sql]
export function edgesOf({ edges }: WindowPoint, count: number): readonly Sql[] {
  if (edges.length !== count) throw new Error(`a window asked for ${count} edges, and has ${edges.length}`)
  return edges
}
