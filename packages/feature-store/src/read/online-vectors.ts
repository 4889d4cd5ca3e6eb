import type { ServicePlan, VectorField } from '../plan/view-plan.ts'
import type { KeyValue } from '../online/key-value.ts'
import type { MaybePromise } from '../online/online-store.ts'

export type { KeyValue }

export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'
export type FeatureValue = number | bigint | string | boolean | null

/** The online answer for some entities: one row for each key asked for, in order, never lost or doubled. */
export interface OnlineVectors {
  readonly service: ServicePlan
  readonly fields: readonly VectorField[]
  readonly rows: number
  /** `timestamp` features come as bigint microseconds, `date` as days. Null unless the status is PRESENT. */
  value(row: number, field: number): FeatureValue
  status(row: number, field: number): FeatureStatus
  /** Feature time T in microseconds of the row read from `service.views[view]`, or undefined when none is stored. */
  featureTime(row: number, view: number): bigint | undefined
  /** Writes one numeric field of all rows into `target[offset + row * stride]`; null and missing become NaN. */
  fill(field: number, target: Float32Array | Float64Array, offset: number, stride: number): void
  /** One row as a JSON object of `name: value`, written straight from the stored bytes. */
  json(row: number): string
}

/** Reads one service from one online store; made once, used for every request. */
export interface OnlineReader {
  readonly service: ServicePlan
  /** `now` decides age and TTL; default: the clock. Keys may be missing views' columns only if the service does not need them. */
  read(
    keys: readonly Readonly<Record<string, KeyValue>>[],
    options?: { readonly now?: bigint },
  ): MaybePromise<OnlineVectors>
}
