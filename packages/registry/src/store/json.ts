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

/** For `JSON.parse` of {@link toJson}'s text: makes bigints and non-finite numbers again. */
export function reviveNumbers(_: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Object.keys(part).length !== 1) return part
  if ('$bigint' in part && typeof part.$bigint === 'string' && /^-?\d+$/.test(part.$bigint)) return BigInt(part.$bigint)
  if ('$number' in part && typeof part.$number === 'string' && /^(NaN|-?Infinity)$/.test(part.$number))
    return Number(part.$number)
  return part
}
