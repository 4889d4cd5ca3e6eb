import type { ColumnType } from '@martlet/warehouse'
import type { CheckPlan } from './check-plan.ts'
import type { Expression } from './expression.ts'

/** A check that follows from a column's schema and runs as SQL before materializing. */
export type ColumnCheck =
  | {
      readonly kind: 'range'
      readonly min?: number
      readonly max?: number
      readonly exclusiveMin?: boolean
      readonly exclusiveMax?: boolean
    }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'integer' }
  | { readonly kind: 'length'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'pattern'; readonly pattern: string }

export interface SourceColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly checks: readonly ColumnCheck[]
}

/** A column of events that is computed from others of the same row; no table holds it. */
export interface ComputedColumn extends SourceColumn {
  readonly expression: Expression
}

/** A table that views read. What its kind adds is known to `vocabulary/sources`. */
export interface SourcePlan {
  readonly kind: string
  /** `schema.table` in the warehouse. */
  readonly table: string
  readonly columns: readonly SourceColumn[]
  /**
   * An IANA zone when the table's timestamps are local; null when they are UTC already. Columns with a time zone of
   * their own are instants whatever it says.
   */
  readonly zone: string | null
  /** The zones of columns where they differ, instead of `zone`; a column that is not named is UTC. */
  readonly zones?: Readonly<Record<string, string>>
  /** Where a key column of an entity has another name in this table: entity → key → column of `columns`. */
  readonly keyColumns?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Business rules of its rows, which decide no value. */
  readonly checks?: readonly CheckPlan[]
}

/** The zone of a column's clock; null: UTC. */
export function zoneOf(
  { zone, zones }: { readonly zone: string | null; readonly zones?: Readonly<Record<string, string>> },
  column: string,
): string | null {
  return zones?.[column] ?? zone
}

/** A source of events with a time, which windows aggregate: readings, shipments, transactions. */
export interface EventsPlan extends SourcePlan {
  readonly eventTime: string
  readonly knownAt: string | null
  /**
   * The column with the end of the interval that begins at the event's time; null in a row: it still lasts. Absent: events
   * are instants.
   */
  readonly end?: string
  /** Orders events of one entity and one instant; null: by the aggregated value, greatest last. */
  readonly sequence: string | null
  readonly entities: readonly EntityPlan[]
  /** Columns that are computed from others; each may use those before it. */
  readonly computed?: readonly ComputedColumn[]
  /** The dimensions that computed columns are attributes of. */
  readonly dimensions?: readonly EventDimension[]
}

/** A dimension whose rows as of an event's time add columns to it. */
export interface EventDimension {
  readonly name: string
  readonly dimension: DimensionPlan
}

/** A table of events. */
export interface FactPlan extends EventsPlan {
  readonly kind: 'fact'
}

/** Attributes of an entity, with or without a validity interval `[validFrom, validTo)`. */
export interface DimensionPlan extends SourcePlan {
  readonly kind: 'dimension'
  readonly entity: EntityPlan
  /** validTo null in a row: still valid. Both null here: the table keeps no history. */
  readonly validFrom: string | null
  readonly validTo: string | null
  /**
   * Orders rows of one entity that begin at once, and rows of one key where no history is kept; absent: by their
   * values, greatest last.
   */
  readonly sequence?: string
}

/** What holds for everybody: a row for each local day, or rows with validity intervals `[validFrom, validTo)`. */
export interface LookupPlan extends SourcePlan {
  readonly kind: 'lookup'
  /** The date that a row is about, by the clock of the view; null: rows have intervals. */
  readonly day: string | null
  /** Null where rows are about days. validTo null in a row: still valid; null here: until the next row. */
  readonly validFrom: string | null
  readonly validTo: string | null
  /** When a row became known; null: with its interval, or ahead. */
  readonly knownAt: string | null
  /** Whether every row is known before its day or interval begins. */
  readonly knownAhead: boolean
  /** Orders rows of one day, or that begin at once; null: by when they became known, then by their values. */
  readonly sequence: string | null
}

/**
 * Rows that are features already: passed through, of those with `time + delay <= t` and `created <= t` the newest
 * `time` wins, then the newest `created`.
 */
export interface PrecomputedPlan extends SourcePlan {
  readonly kind: 'precomputed'
  readonly entity: EntityPlan
  readonly time: string
  readonly created: string | null
}

export interface EntityPlan {
  readonly name: string
  /** Key columns in declared order; empty for a view that has one row per feature time for everybody (a calendar). */
  readonly keys: readonly { readonly name: string; readonly type: ColumnType }[]
}

/** The columns of a table that hold an entity's keys, in the order of the keys. */
export function sourceKeys(source: SourcePlan, entity: EntityPlan): readonly string[] {
  const named = source.keyColumns?.[entity.name]
  return entity.keys.map(({ name }) => named?.[name] ?? name)
}
