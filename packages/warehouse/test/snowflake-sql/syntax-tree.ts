import { init, Parser, SnowflakeDialect } from '@guanmingchiu/sqlparser-ts'

await init()
// The joins of a large view are nested deeper than the 50 that the parser allows against hostile texts.
const parser = new Parser(new SnowflakeDialect()).withOptions({ recursionLimit: 200 })

/** A node of the parser's tree: an object whose keys in upper case name what it is, and in lower case its parts. */
export type Tree = { readonly [key: string]: unknown }

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Documented (sql/alter-table), and not known to the parser. */
const NEW_COLUMN = /^(alter table \S+ add column) if not exists\b/i

/** The statements of a text in Snowflake's grammar as the parser knows it, or what it stumbled over. */
export function parseSnowflake(text: string): { readonly statements: readonly unknown[] } | { readonly error: string } {
  try {
    return { statements: parser.parse(text.replace(NEW_COLUMN, '$1')) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** Where in the text something stands is not part of what it is. */
export function isPlace(key: string): boolean {
  return key === 'span' || key.endsWith('_token')
}

/** Whether a part is not there. */
export function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === 'None' ||
    (Array.isArray(value) && value.length === 0)
  )
}

/** What lies under the keys, one after the other, or undefined. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      Array.isArray(inner) && typeof key === 'number' ? inner[key] : isTree(inner) ? inner[key] : undefined,
    value,
  )
}

export function listAt(value: unknown, ...keys: readonly (string | number)[]): readonly unknown[] {
  const found: unknown = at(value, ...keys)
  return Array.isArray(found) ? found : []
}

export function textAt(value: unknown, ...keys: readonly (string | number)[]): string | undefined {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : undefined
}
