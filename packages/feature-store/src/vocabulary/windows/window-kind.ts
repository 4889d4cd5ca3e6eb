import type { z } from 'zod'
import type { Sql } from '@martlet/warehouse'
import type { Micros, WindowPlan } from '../../plan/feature-plan.ts'
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

/** What one kind of window means. Adding one is a file with such an object and an entry in `list.ts`. */
export interface WindowKind<P extends WindowPlan = WindowPlan> {
  readonly kind: P['kind']
  /** The fields of its plan, to read a stored plan. */
  readonly fields: Readonly<Record<string, z.ZodType>>
  /** `over 7d`, behind the aggregate. */
  words(window: P): string
  /** How far before T it begins; null: since ever, or not to be said in time. */
  reach(window: P): Micros | null
  /** Which of the events before `point` (T in µs) count; undefined: all of them. */
  inside(window: P, event: WindowEvent, point: Sql): Sql | undefined
  /** Whether `inside` asks for `back`. */
  readonly ranked?: true
  /** Where it lies on tiles of a length; a window without it is answered by joining points with events. */
  span?(window: P, grain: Micros): Span
  /** Lengths that must be whole numbers of tiles. */
  lengths?(window: P): readonly Micros[]
  /** The number of newest rows, when that is what it is. */
  rows?(window: P): number
}
