import type { z } from 'zod'
import type { Sql } from '@martlet/warehouse'
import type { DimensionPlan, EntityPlan, EventsPlan, PrecomputedPlan, SourcePlan } from '../../plan/source-plan.ts'
import type { ViewsPlan } from '../../plan/views-plan.ts'

/** The columns of a source that its rows cannot do without. */
export interface SourceRoles {
  /** The column that places rows in time; null when all rows always count. */
  readonly time: string | null
  /** Columns that must not be null: keys and times. */
  readonly always: readonly string[]
  /** What tells two rows apart. */
  readonly identity: readonly string[]
}

/** The columns of `[validFrom, validTo)`. */
export interface Interval {
  readonly validFrom: string | null
  readonly validTo: string | null
}

/** What one kind of source means. Adding a kind is one file with such an object and one entry in `list.ts`. */
export interface SourceKind<P extends SourcePlan = SourcePlan> {
  readonly kind: P['kind']
  /** The fields of its plan apart from those of every table, to read a stored plan. */
  readonly fields: Readonly<Record<string, z.ZodType>>
  /** The entities whose keys it has. */
  entities(source: P): readonly EntityPlan[]
  roles(source: P, entity: EntityPlan): SourceRoles
  /**
   * Columns that say since when something holds or is known: a time before all times means long ago there, not a
   * mistake.
   */
  bounds(source: P): readonly (string | null)[]
  /** The columns between which a row holds, when it has such. */
  interval?(source: P): Interval
  /** The source as events that windows aggregate, when that is what it has. */
  events?(source: P): EventsPlan
  /** The source as attributes that hold at a time, when that is what it has: it then decides who has rows. */
  attributes?(source: P): DimensionPlan
  /**
   * The source as rows that are features already, when that is what it has: they are passed through, and nothing is
   * computed.
   */
  passedThrough?(source: P): PrecomputedPlan
  /** The source as rows of other views, when that is what it has. */
  views?(source: P): ViewsPlan
  /** The time of the first row there can be, and whether that row exists at this time already; null: at any time. */
  begins(source: P): { readonly column: string; readonly inclusive: boolean } | null
  /** What the hash of a view covers of it, apart from the columns that are used; the whole plan unless given. */
  core?(source: P, entity: string | undefined): object
  /** Its roles in words, to say how two declarations differ. */
  words?(source: P): readonly (readonly [what: string, value: string])[]
  /** What to read instead of the table of that name. */
  relation?(source: P): Sql
}
