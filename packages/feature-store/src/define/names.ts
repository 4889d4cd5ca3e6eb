import { invalid, type Place } from './invalid-definition.ts'

const lowerSnake = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/
const reserved = new Set(['feature_time', 'run_id'])
/** Columns that stand beside keys and features in the SQL that computes them: a second one would be taken for the first. */
const ownColumns: Readonly<Record<'key column' | 'the name', RegExp>> = { 'key column': /^(?:e|j|place|spine_row|t|us|x\d*)$/, 'the name': /^(?:e|place|spine_row|t)$/ }

/** Refuses names that are not lower_snake; two underscores in a row are left to vector names: `view__feature`. */
export function checkName(name: string, what: string, place: Place): void {
  if (!lowerSnake.test(name)) {
    throw invalid(place, `${what} '${name}' is not lower_snake: a letter first, then lower-case letters, digits and single underscores`)
  }
}

/** Refuses the names of columns that every feature table has, and of those that computing features needs. */
export function checkNotReserved(name: string, what: 'key column' | 'the name', place: Place): void {
  if (ownColumns[what].test(name)) throw invalid(place, `${what} '${name}' is reserved, because Martlet uses it in its own SQL; choose another`)
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
