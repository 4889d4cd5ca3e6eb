import type { KeyMentions } from '@martlet/feature-store'
import type { GoldenRows } from '../run/golden-rows.ts'
import type { JsonValue } from '../store/json.ts'

/**
 * Golden rows without those that contain a key, and how many those were; undefined when none would be left, because a version
 * needs at least one.
 */
export function goldenRowsWithout(
  golden: GoldenRows,
  fields: readonly string[],
  mentions: KeyMentions,
): { readonly rows: number; readonly golden: GoldenRows } | undefined {
  const stays = golden.inputs.map((row) => {
    const values: readonly (readonly [string, unknown])[] = Array.isArray(row)
      ? fields.map((name, index) => [name, row[index]])
      : Object.entries(row)
    return !holdsKey(values, mentions)
  })
  const kept = <T>(list: readonly T[]): readonly T[] => list.filter((_, index) => stays[index] !== false)
  const rows = stays.filter((stay) => !stay).length
  if (rows === golden.inputs.length && rows > 0) return undefined
  return {
    rows,
    golden: {
      ...golden,
      inputs: kept(golden.inputs),
      outputs: Object.fromEntries(Object.entries(golden.outputs).map(([name, values]) => [name, kept(values)])),
    },
  }
}

/** Whether a row contains a key: features are called `view__feature`, and a feature may be the key itself. */
function holdsKey(values: readonly (readonly [string, unknown])[], mentions: KeyMentions): boolean {
  if (values.some(([name, value]) => mentions.isValue(name, value))) return true
  return mentions.isKey(
    Object.fromEntries([
      ...values.map(
        ([name, value]) => [name.slice(name.lastIndexOf('__') + (name.includes('__') ? 2 : 1)), value] as const,
      ),
      ...values,
    ]),
  )
}

/** A JSON document without keys: keys in texts are replaced, values of a field named like the key column become null or `[erased]`. */
export function jsonWithout(value: JsonValue, mentions: KeyMentions, field = ''): JsonValue {
  if (typeof value === 'string') return mentions.isValue(field, value) ? '[erased]' : mentions.without(value)
  if (typeof value === 'number' || typeof value === 'boolean') return mentions.isValue(field, value) ? null : value
  if (value === null) return null
  if (isList(value)) return value.map((one) => jsonWithout(one, mentions, field))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      one === undefined ? undefined : jsonWithout(one, mentions, name),
    ]),
  )
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value)
}
