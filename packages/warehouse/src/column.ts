/** The column types that every engine stores and returns the same way. */
export type ColumnType = 'boolean' | 'integer' | 'bigint' | 'double' | 'text' | 'timestamp' | 'date' | DecimalType

/**
 * An exact decimal. A read returns doubles for up to 15 digits, which doubles tell apart, and a {@link DecimalVector}
 * beyond.
 */
export interface DecimalType {
  readonly decimal: readonly [precision: number, scale: number]
}

/** A column type as people write it, such as `text` or `decimal(12, 2)`. */
export function typeText(type: ColumnType): string {
  return typeof type === 'string' ? type : `decimal(${type.decimal.join(', ')})`
}

/** Whether two column types are the same; an absent type is none. */
export function sameType(type: ColumnType, other: ColumnType | undefined): boolean {
  return other !== undefined && typeText(type) === typeText(other)
}

/**
 * The values of one column. `nulls[i] === 1` marks a null; `nulls` is null when there are none.
 *
 * Units: `timestamp` is microseconds since the epoch (UTC), `date` is days since the epoch, decimals are in units of
 * the last digit.
 */
export type ColumnVector =
  | { readonly type: 'boolean'; readonly values: Uint8Array; readonly nulls: Uint8Array | null }
  | { readonly type: 'integer' | 'date'; readonly values: Int32Array; readonly nulls: Uint8Array | null }
  | { readonly type: 'bigint' | 'timestamp'; readonly values: BigInt64Array; readonly nulls: Uint8Array | null }
  | { readonly type: 'double'; readonly values: Float64Array; readonly nulls: Uint8Array | null }
  | { readonly type: 'text'; readonly values: readonly string[]; readonly nulls: Uint8Array | null }
  | DecimalVector

/** Decimals of more than 15 digits. */
export interface DecimalVector {
  readonly type: DecimalType
  readonly values: readonly bigint[]
  readonly nulls: Uint8Array | null
}

export function isDecimalVector(vector: ColumnVector): vector is DecimalVector {
  return typeof vector.type === 'object'
}

/** Some rows of a result or a table, by column. */
export interface ColumnBatch {
  readonly rows: number
  readonly names: readonly string[]
  readonly columns: readonly ColumnVector[]
}

/** A column of a table; nulls may occur unless `nullable` is false. */
export interface ColumnSpec {
  readonly name: string
  readonly type: ColumnType
  readonly nullable?: boolean
}
