import { sql, type Leaves, type Sql } from '@martlet/warehouse'

/** From when something is measured: the time of each row, or an instant for all of them. */
export type Since = { readonly column: string } | { readonly instant: Date }

const HOUR_MICROS = 3_600_000_000
const DAY_MICROS = 24 * HOUR_MICROS
/** The first microseconds after the year 1 and of 31 December 9999. */
const YEAR_2 = -62_104_060_800_000_000n
const LAST_DAY = 253_402_214_400_000_000n
const DAY_1900 = -2_208_988_800_000_000n

/** Values that stand for something else in many systems: "unknown", "never". */
export const SENTINELS = ['year 1', '1900-01-01', '1970-01-01', '9999-12-31', 'infinite'] as const

/** The coarsest unit that an instant is a whole number of, coarsest first. */
export const UNITS = [
  'midnight',
  'whole hours',
  'whole minutes',
  'whole seconds',
  'milliseconds',
  'microseconds',
] as const

/** What the form of a value ends with that lies after the time of its row. */
export const AHEAD = ', ahead'

/** Microseconds since the epoch of an instant or a date; null where it is null, infinite, or a date beyond all instants. */
export function instantMicros(leaves: Leaves, column: string): Sql {
  return leaves.epochMicros(leaves.tryCast(sql.id(column), 'timestamp'))
}

/** How old a value is, in hours; null where it is null or a sentinel. */
export function ageSql(leaves: Leaves, column: string, since: Since): Sql {
  const value = instantMicros(leaves, column)
  const hours = leaves.divide(sql`(${sinceMicros(leaves, since)} - ${value})`, leaves.toDouble(whole(HOUR_MICROS)))
  return sql`CASE WHEN ${sentinelSql(column, value)} IS NULL THEN ${hours} END`
}

/**
 * A value's form: which sentinel it is, or its unit and whether it lies after `since`. Units before `finest` count as that one:
 * an hour has a midnight or none, so of windows that are shorter than a day the share of midnights says nothing.
 */
export function formSql(leaves: Leaves, column: string, since: Since, finest = 0): Sql {
  const value = instantMicros(leaves, column)
  const lengths = [DAY_MICROS, HOUR_MICROS, 60_000_000, 1_000_000, 1000]
  const units = lengths
    .map((length, index) => sql`WHEN MOD(${value}, ${whole(length)}) = 0 THEN ${name(UNITS[index])}`)
    .slice(finest)
  const unit = sql`CASE ${sql.join(units, sql` `)} ELSE ${name(UNITS[lengths.length])} END`
  const ahead = sql`CASE WHEN ${value} > ${sinceMicros(leaves, since)} THEN ${name(AHEAD)} ELSE ${name('')} END`
  return sql`CASE WHEN ${sql.id(column)} IS NOT NULL THEN COALESCE(${sentinelSql(column, value)}, ${unit} || ${ahead}) END`
}

function sentinelSql(column: string, value: Sql): Sql {
  const on = (start: bigint): Sql =>
    sql`${value} >= ${whole(start)} AND ${value} < ${whole(start + BigInt(DAY_MICROS))}`
  return sql`
    CASE
      WHEN ${sql.id(column)} IS NULL THEN NULL
      WHEN ${value} IS NULL THEN ${name('infinite')}
      WHEN ${value} < ${whole(YEAR_2)} THEN ${name('year 1')}
      WHEN ${value} >= ${whole(LAST_DAY)} THEN ${name('9999-12-31')}
      WHEN ${on(DAY_1900)} THEN ${name('1900-01-01')}
      WHEN ${on(0n)} THEN ${name('1970-01-01')} END
  `
}

function sinceMicros(leaves: Leaves, since: Since): Sql {
  return 'column' in since ? instantMicros(leaves, since.column) : whole(BigInt(since.instant.getTime()) * 1000n)
}

function whole(value: number | bigint): Sql {
  return sql.raw(value < 0 ? `(${value})` : String(value))
}

function name(text: string | undefined): Sql {
  return sql.lit(text ?? '')
}

/** The first of {@link UNITS} that windows of so many hours tell apart; null: there are no windows. */
export function finestUnit(hours: number | null): number {
  if (hours === null || hours >= 24) return 0
  return hours >= 1 ? 1 : 2
}

/** The form as {@link formSql} gives it with `finest`. */
export function coarserForm(form: string, finest: number): string {
  const ahead = form.endsWith(AHEAD) ? AHEAD : ''
  const unit = UNITS.findIndex((known) => known === form.slice(0, form.length - ahead.length))
  return unit < 0 || unit >= finest ? form : `${UNITS[finest] ?? ''}${ahead}`
}
