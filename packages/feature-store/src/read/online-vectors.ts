import type { ServicePlan, VectorField } from '../plan/view-plan.ts'
import type { KeyValue } from '../online/key-value.ts'
import type { MaybePromise } from '../online/online-store.ts'
import type { RequestRow } from '../on-demand/request-rows.ts'

export type { KeyValue }

export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'
export type FeatureValue = number | bigint | string | boolean | null

/** Why an entity that another view looks up is not known: the feature that should have its key, and its status. */
export interface Unresolved {
  /** `view__feature` */
  readonly feature: string
  readonly status: FeatureStatus
}

/** One key that was looked for in one table of a store. */
export interface RowLookup {
  readonly table: string
  readonly key: Uint8Array
  /** The last instant (µs) at which the row that was found is young enough; undefined without a row or a ttl. */
  readonly until: bigint | undefined
}

/** The online answer for some entities: exactly one row for each requested key, in order. */
export interface OnlineVectors {
  readonly service: ServicePlan
  readonly fields: readonly VectorField[]
  readonly rows: number
  /**
   * The value of a field: `timestamp` as bigint microseconds, `date` as days, a decimal as a number where that has the
   * same digits and as its digits otherwise. Unless the status is PRESENT, it is the field's default, or null.
   * @throws MartletError NOT_IN_VECTORS when there is no such row or field
   */
  value(row: number, field: number): FeatureValue
  /**
   * Why a value is null or a default, or PRESENT. What is computed on demand is never NOT_FOUND or OUTSIDE_MAX_AGE: without what it is
   * computed from, it is null, or what it makes of nulls.
   * @throws MartletError NOT_IN_VECTORS when there is no such row or field
   */
  status(row: number, field: number): FeatureStatus
  /**
   * The feature time (µs) of the row read from `service.views[view]`, or undefined when none is stored.
   * @throws MartletError NOT_IN_VECTORS when there is no such row or view
   */
  featureTime(row: number, view: number): bigint | undefined
  /**
   * The instant (µs) that closed the windows of the row of a continuous view; its feature time is when the newest event of
   * the entity happened. Undefined for other views, and where no row is stored.
   * @throws MartletError NOT_IN_VECTORS when there is no such row or view
   */
  closedAt(row: number, view: number): bigint | undefined
  /**
   * Why the entity of `service.views[view]` is not known, where another view looks it up; its features are NOT_FOUND
   * then. Undefined when it is known, whether or not it has a row.
   * @throws MartletError NOT_IN_VECTORS when there is no such row or view
   */
  unresolved(row: number, view: number): Unresolved | undefined
  /**
   * Writes one numeric field of all rows into `target[offset + row * stride]`; what is missing and has no default
   * becomes NaN.
   * @throws MartletError FIELD_NOT_NUMERIC when the field is text
   * @throws MartletError BAD_FILL_TARGET when the rows do not fit into the target
   * @throws MartletError NOT_IN_VECTORS when there is no such field
   */
  fill(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void
  /**
   * One row as a JSON object of `name: value`, written straight from the stored bytes.
   * @throws MartletError NOT_IN_VECTORS when there is no such row
   */
  json(row: number): string
  /**
   * Everything in the store that one row depends on, also what was looked for in vain. Absent or undefined where a row
   * depends on more than that.
   */
  lookups?(row: number): readonly RowLookup[] | undefined
}

/** Reads one service from one online store; it is made once and used for every request. */
export interface OnlineReader {
  readonly service: ServicePlan
  /**
   * Reads the vectors of some entities; `now` (default: the clock) decides which rows are too old.
   * @throws MartletError BAD_ENTITY_KEY when a key cannot be used; the message names the row and the column
   * `request` has the values that on-demand features need, one object per key.
   * @throws MartletError BAD_REQUEST_VALUE when such a value is missing or cannot be used; the message names the row and the value
   * @throws MartletError ONLINE_SCHEMA_MISMATCH when stored rows lack a feature of the service, or have it with another type
   */
  read(
    keys: readonly Readonly<Record<string, KeyValue>>[],
    options?: { readonly now?: bigint; readonly request?: readonly RequestRow[] },
  ): MaybePromise<OnlineVectors>
}
