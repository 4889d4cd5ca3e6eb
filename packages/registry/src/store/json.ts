import type { GoldenRows } from '../register/golden-rows.ts'
import type { ModelSignature } from '../register/signature.ts'
import type { Trial } from '../register/trial.ts'
import type { JsonValue } from '../version/model-version.ts'

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
    if (typeof part !== 'object' || part === null) return part
    if ('$bigint' in part && typeof part.$bigint === 'string') return BigInt(part.$bigint)
    if ('$number' in part) return Number(part.$number)
    return part
  })
}
