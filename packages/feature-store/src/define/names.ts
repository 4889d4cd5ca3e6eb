import { missingColumn } from '../plan/view-plan.ts'
import { momentKinds } from '../vocabulary/algebra/moments.ts'
import { invalid, type Place } from './invalid-definition.ts'

const lowerSnake = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/
const reserved = new Set(['feature_time', 'run_id'])
/** Columns of stored tiles: what they aggregate, and a hash. */
const moment = momentKinds.map((kind) => kind.toLowerCase()).join('|')
/** Columns that our statements add: a key column or a feature with such a name would be confused with them. */
const ownColumns: Readonly<Record<'key column' | 'the name', RegExp>> = {
  'key column': new RegExp(`^(?:spine_row|(?:${moment})_[0-9a-f]{12})$`),
  'the name': /^(?:e|place|spine_row|t)$/,
}

/** Snowflake's limit for every name; DuckDB has none. */
const longestName = 255
/**
 * An online store's limit for a table; with what Martlet appends (`__rebuild_…`, `_latest`) a warehouse's table stays
 * within 255.
 */
const longestTable = 128

/**
 * Refuses names that are not lower_snake, or too long; two underscores in a row are left to vector names:
 * `view__feature`.
 */
export function checkName(name: string, what: string, place: Place): void {
  if (!lowerSnake.test(name)) {
    throw invalid(
      place,
      `${what} '${name}' is not lower_snake: a letter first, then lower-case letters, digits and single underscores`,
    )
  }
  if (name.length > longestName) {
    throw invalid(
      place,
      `${what} has ${name.length} characters; use at most ${longestName}, because Snowflake takes no longer names`,
    )
  }
}

/**
 * Refuses what {@link checkName} refuses, and names after which no table of the warehouse or of an online store could
 * be named.
 */
export function checkTableName(name: string, place: Place): void {
  checkName(name, 'the name', place)
  if (name.length <= longestTable) return
  const why = 'because tables of the warehouse and of the online store are named after it'
  throw invalid(place, `the name has ${name.length} characters; use at most ${longestTable}, ${why}`)
}

/** Refuses features whose column in a training set, `view__feature`, would have a name that Snowflake does not take. */
export function checkVectorName(view: string, feature: string, place: Place): void {
  const { length } = `${view}__${feature}`
  if (length <= longestName) return
  const column = `its column of a training set, '${view}__<feature>',`
  throw invalid(
    place,
    `${column} would have ${length} characters, and Snowflake takes ${longestName}: shorten the name`,
  )
}

/** Refuses features with a default whose column of a training set that says so would have too long a name. */
export function checkMissingName(view: string, feature: string, place: Place): void {
  const { length } = missingColumn({ name: `${view}__${feature}` })
  if (length <= longestName) return
  const column = `its column of a training set, '${view}__<feature>__missing',`
  throw invalid(
    place,
    `${column} would have ${length} characters, and Snowflake takes ${longestName}: shorten the name`,
  )
}

/** Refuses the names of columns that every feature table has, and of those that computing features needs. */
export function checkNotReserved(name: string, what: 'key column' | 'the name', place: Place): void {
  if (ownColumns[what].test(name))
    throw invalid(place, `${what} '${name}' is reserved, because Martlet uses it in its own SQL; choose another`)
  if (reserved.has(name)) {
    throw invalid(place, `${what} '${name}' is reserved, because every feature table has such a column; choose another`)
  }
}

/** Refuses names that are equal when case is ignored, as engines do. */
export function checkDistinct(names: Iterable<string>, what: string, place: Place): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const earlier = seen.get(name.toLowerCase())
    if (earlier !== undefined) {
      if (earlier === name) throw invalid(place, `two ${what} are named '${name}'`)
      throw invalid(place, `${what} '${earlier}' and '${name}' differ only in case, which the warehouse ignores`)
    }
    seen.set(name.toLowerCase(), name)
  }
}

/** Refuses anything but `table`, `schema.table` or `database.schema.table`. */
export function checkTable(table: string, place: Place): void {
  if (!/^[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*){0,2}$/.test(table)) {
    throw invalid(place, `'${table}' is not a table name like 'mart.readings'`)
  }
}
