import type { GoldenRows } from '../run/golden-rows.ts'
import type { ModelSignature } from '../signature/signature.ts'
import type { Trial } from '../run/trial.ts'

/** Anything that JSON holds; undefined members are left out. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** JSON that also carries bigints and non-finite numbers, which golden rows and metrics may hold. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return { $bigint: String(part) }
    if (typeof part === 'number' && !Number.isFinite(part)) return { $number: String(part) }
    return part
  })
}

/** Documents that only the registry writes, so that the name of a column says what its text holds. */
export interface Documents {
  readonly signature: ModelSignature
  readonly golden_rows: GoldenRows
  readonly trial: Trial
  readonly metrics: Readonly<Record<string, number>>
  readonly training_set: JsonValue
  readonly definition_hashes: Readonly<Record<string, string>>
}

/** Reads a document from the row it is in. */
export function readDocument<C extends keyof Documents>(row: Readonly<Record<C, string>>, column: C): Documents[C] {
  return JSON.parse(row[column], (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Object.keys(part).length !== 1) return part
    if ('$bigint' in part && typeof part.$bigint === 'string' && /^-?\d+$/.test(part.$bigint))
      return BigInt(part.$bigint)
    if ('$number' in part && typeof part.$number === 'string' && /^(NaN|-?Infinity)$/.test(part.$number))
      return Number(part.$number)
    return part
  })
}
