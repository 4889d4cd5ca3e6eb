/** Types of key columns that are points in time. */
export type TemporalKeyType = 'date' | 'timestamp'

/**
 * The stored form of a key that is a date (days since 1970-01-01) or a timestamp (microseconds since then, UTC), or
 * undefined when the value is not one.
 *
 * A date is a `Date` at midnight UTC or text like `2026-01-31`; a timestamp a `Date`, microseconds as a bigint of 64
 * bits, or text like `2026-01-31T09:30:00Z` with up to six decimals. Text must name a day and a time that exist
 * (years 0000 to 9999, hours to 23, seconds to 59).
 *
 * @example temporalKey('date', '2024-02-29') // 19782n
 */
export function temporalKey(type: TemporalKeyType, value: unknown): bigint | undefined {
  return type === 'date' ? dayOf(value) : microsOf(value)
}

const DAY = 86_400_000
const DATE = /^\d{4}-\d\d-\d\d$/
const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/

function dayOf(value: unknown): bigint | undefined {
  if (value instanceof Date) return value.getTime() % DAY === 0 ? BigInt(value.getTime() / DAY) : undefined
  if (typeof value !== 'string' || !DATE.test(value)) return undefined
  const milliseconds = existing(value, value)
  return milliseconds === undefined ? undefined : BigInt(milliseconds / DAY)
}

function microsOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : BigInt(value.getTime()) * 1000n
  const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null
  if (match?.[1] === undefined) return undefined
  const milliseconds = existing(`${match[1]}Z`, match[1])
  return milliseconds === undefined ? undefined : BigInt(milliseconds) * 1000n + BigInt((match[2] ?? '').padEnd(6, '0'))
}

/** `Date.parse` rolls 2026-02-30 and 24:00:00 over to another day: what it read must print as what was given. */
function existing(text: string, printed: string): number | undefined {
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(printed)
    ? undefined
    : milliseconds
}
