import type { z } from 'zod'
import type { Sql } from '@martlet/warehouse'
import type { Micros, WindowPlan } from '../../plan/feature-plan.ts'
import type { CalendarUnit } from '../../plan/time/calendar-unit.ts'
import type { GridPlan } from '../../plan/view-plan.ts'
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
}

/** T as a window sees it. */
export interface WindowPoint {
  /** T, µs. */
  readonly us: Sql
  /** The instants that the window has asked for, µs, in its order. */
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
  /** Whether `inside` asks for `back`. */
  readonly ranked?: true
  /** Why a view with this grid cannot have it. */
  refuses?(window: P, grid: GridPlan): string | undefined
  /** Its edges on the local calendar of the view, for `inside`; the earliest one first. */
  starts?(window: P): readonly UnitStart[]
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
