import type { JsonObject } from './wire/exact-json.ts'

/**
 * Whether a change with this source is of the wanted table, which is `table`, `schema.table` or `database.table`;
 * `unknown` where its name fits and neither its schema nor its database is there.
 */
export function isOfTable({ db, schema, table }: JsonObject, wanted: string): boolean | 'unknown' {
  if (typeof table !== 'string') return 'unknown'
  if (table === wanted) return true
  if (!wanted.endsWith(`.${table}`)) return false
  const owners = [schema, db].filter((one) => typeof one === 'string')
  return owners.length === 0 ? 'unknown' : owners.some((owner) => `${owner}.${table}` === wanted)
}
