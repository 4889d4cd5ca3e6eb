/** Plain data in which no table has checks: they decide no value, so data that differs only there is the same. */
export function withoutChecks<T>(value: T): T {
  return strip(value) as T
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const isTable = 'table' in value && 'columns' in value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
      isTable && name === 'checks' ? [] : [[name, strip(part)]],
    ),
  )
}
