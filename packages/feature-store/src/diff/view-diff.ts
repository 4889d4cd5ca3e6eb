import type { PreviewValue } from '../read/preview/batch-values.ts'

/** What two definitions of a view make of the same facts. */
export interface ViewDiff {
  /** The names and hashes of the two definitions. */
  readonly before: { readonly name: string; readonly hash: string }
  readonly after: { readonly name: string; readonly hash: string }
  /** How the definitions differ, in words: `kwh_7d sum(kwh) over 7d → sum(kwh) over 14d`. */
  readonly reasons: readonly string[]
  /**
   * `same`: no row and no value that was compared differs. `changes`: some do. `not comparable`: the rows are of other
   * entities or of other times, so all of them change.
   */
  readonly outcome: 'same' | 'changes' | 'not comparable'
  /** Why the rows cannot be compared; null where they were. */
  readonly incomparable: string | null
  /** What was compared; null where nothing was. */
  readonly compared: ComparedRows | null
  /** In the order of the new definition, those that are gone last. */
  readonly features: readonly FeatureDiff[]
}

export interface ComparedRows {
  /**
   * `rows`: those that materialization writes. `served`: those that would be served at each time, of a view whose rows
   * are not written on a grid.
   */
  readonly kind: 'rows' | 'served'
  /** The first and the last feature time, µs, and how many there are. */
  readonly first: bigint
  readonly last: bigint
  readonly times: number
  /** How many entities were drawn; null: all. */
  readonly sample: number | null
  readonly rows: Changes
  readonly entities: Changes
  /** Some entities that appear and vanish, by their keys. */
  readonly appearing: readonly EntityKey[]
  readonly vanishing: readonly EntityKey[]
}

export type EntityKey = Readonly<Record<string, PreviewValue>>

/** How many there are by each definition, by both, and by one only. */
export interface Changes {
  readonly before: number
  readonly after: number
  readonly both: number
  readonly appear: number
  readonly vanish: number
}

export interface FeatureDiff {
  readonly name: string
  /** The name that it had before, where that is another one. */
  readonly formerName: string | null
  /**
   * `replaced`: the feature `formerName` is gone, and this one, which is new, is the same aggregate over another window. The
   * two are compared.
   */
  readonly kind: 'compared' | 'replaced' | 'new' | 'gone'
  /** How it is computed, before and after; null where it does not exist. */
  readonly words: { readonly before: string | null; readonly after: string | null }
  /** Rows that both definitions have; of a new or gone feature, the rows of its definition. */
  readonly rows: number
  /** Of these, those whose value differs, those that lose their null among them; 0 where only one side has it. */
  readonly changed: number
  readonly nullToValue: number
  readonly valueToNull: number
  readonly before: ValueSummary | null
  readonly after: ValueSummary | null
  /** The changed row with the largest difference; of texts and booleans, the first by key and time. Null without examples. */
  readonly largest: ChangedValue | null
}

/**
 * Of the values that are not null. Booleans count as 0 and 1, so their mean is the share of true. Instants and dates have
 * no mean here, texts nothing of these. The mean is also null where the sum is beyond the largest double.
 */
export interface ValueSummary {
  readonly nulls: number
  readonly mean: number | null
  readonly min: PreviewValue
  readonly max: PreviewValue
}

export interface ChangedValue {
  readonly key: EntityKey
  /** The feature time. */
  readonly time: Date
  readonly before: PreviewValue
  readonly after: PreviewValue
  /** After minus before: of numbers, and of instants and dates in days; else null, also beyond the largest double. */
  readonly difference: number | null
}
