import type { z } from 'zod'
import type { Leaves, Sql } from '@martlet/warehouse'
import type { AggregatePlan, FeaturePlan, WindowPlan } from '../../plan/feature-plan.ts'
import type { SourcePlan } from '../../plan/source-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import type { AggregateKind } from '../aggregates/aggregate-kind.ts'
import type { AnchoredFrame } from '../sources/anchor.ts'
import type { TypedSql } from '../algebra/typed-sql.ts'

/** Something that a feature's value depends on. */
export type Reading =
  /** a column of the view's own source */
  | { readonly of: 'source'; readonly column: string }
  /** a column of another table */
  | { readonly of: 'table'; readonly table: SourcePlan; readonly column: string }
  /** another feature of the same row */
  | { readonly of: 'row'; readonly feature: string }

interface AnyKind<P extends FeaturePlan> {
  readonly kind: P['kind']
  /** The fields of its plan apart from those of every feature, to read a stored plan. */
  readonly fields: Readonly<Record<string, z.ZodType>>
  /** Whether its value follows from T alone, so that it is the same for everybody. */
  readonly clock?: true
  /** How it is computed, in one line. */
  words(feature: P): string
  /**
   * Everything that its value depends on, apart from keys and times: for the hash, lineage and the checks of sources.
   */
  reads(feature: P): readonly Reading[]
  /** What the hash of a view covers of it; the whole plan unless given. */
  core?(feature: P, sourceCore: (source: SourcePlan, used: ReadonlySet<string>) => unknown): FeaturePlan
  /** The only texts that its value can be, where its definition says so; `of` gives those of something that it reads. */
  texts?(feature: P, of: (reading: Reading) => readonly string[] | undefined): readonly string[] | undefined
  /** The feature when those it reads in the same row have other names. */
  renamed?(feature: P, names: ReadonlyMap<string, string>): P
  /** The feature when the columns that it reads of other views have other names. */
  renamedColumns?(feature: P, names: ReadonlyMap<string, string>): P
}

/** One aggregate over one window. */
export interface WindowedAggregate {
  readonly kind: AggregateKind
  readonly plan: AggregatePlan
  readonly window: WindowPlan
}

/** A feature of the events before T: one or more windowed aggregates, and what is made of them. */
export interface FactsKind<P extends FeaturePlan = FeaturePlan> extends AnyKind<P> {
  readonly stage: 'facts'
  parts(feature: P): readonly WindowedAggregate[]
  /** The value from those of its parts. */
  combine(leaves: Leaves, values: readonly Sql[], feature: P): Sql
  /** The value where no event counts; null unless given. */
  empty?(feature: P): 0 | false | null
}

/** Where features of the joined stage are computed. */
export interface JoinedFrame extends AnchoredFrame {
  readonly view: Pick<ViewPlan, 'delay' | 'grid'>
  /** `(t)`: the feature times of the rows, each once. */
  readonly times: Sql
}

/** A feature that comes from joining the view's rows `(e, t, …)` with something else. */
export interface JoinedKind<P extends FeaturePlan = FeaturePlan> extends AnyKind<P> {
  readonly stage: 'joined'
  /** Adds what all features of this kind need to the rows; `values` are where each one's value then is, in order. */
  join(frame: JoinedFrame, rows: Sql, features: readonly P[]): { readonly rows: Sql; readonly values: readonly Sql[] }
}

/** What a feature can be made of within one row. */
export interface RowValues {
  readonly leaves: Leaves
  /** T in µs. */
  readonly t: Sql
  /** The clock of the view. */
  readonly zone: string
  /** A column of the source, where rows are passed through. */
  column(name: string): Sql
  /** As `column` with its type, where rows are those of other views; T by its own name. */
  readonly typed: (name: string) => TypedSql
}

/** A feature made of T, or of a column of a row that is passed through. */
export interface RowKind<P extends FeaturePlan = FeaturePlan> extends AnyKind<P> {
  readonly stage: 'row'
  value(feature: P, row: RowValues): Sql
}

/** A feature made of others of the same row. */
export interface DerivedKind<P extends FeaturePlan = FeaturePlan> extends AnyKind<P> {
  readonly stage: 'derived'
  value(feature: P, leaves: Leaves, other: (name: string) => TypedSql): Sql
}

/** A feature made of the rows of everybody at the same feature time. */
export interface StandingFeatureKind<P extends FeaturePlan = FeaturePlan> extends AnyKind<P> {
  readonly stage: 'everybody'
  /** Adds the feature to the rows `(e, t, features)` of everybody. */
  join(feature: P, leaves: Leaves, rows: Sql, other: (name: string) => TypedSql): Sql
}

/** What one kind of feature means. Adding one is a file with such an object and an entry in `list.ts`. */
export type FeatureKind<P extends FeaturePlan = FeaturePlan> =
  | FactsKind<P>
  | JoinedKind<P>
  | RowKind<P>
  | DerivedKind<P>
  | StandingFeatureKind<P>
