import { sourceKeys, type DimensionPlan } from '../../src/plan/source-plan.ts'
import { compare, type Value, type Row } from './row.ts'
import type { OracleMart } from './mart.ts'

/**
 * Of the dimension's rows with these keys whose interval contains T the one that begins last, then ends last, then has
 * the greatest values.
 */
export function validRow(mart: OracleMart, dimension: DimensionPlan, keys: readonly Value[], T: number): Row | null {
  const names = sourceKeys(dimension, dimension.entity)
  if (keys.includes(null)) return null
  const rows = (mart.tables[dimension.table] ?? []).filter((row) => names.every((name, i) => row[name] === keys[i]))
  const { validFrom, validTo } = dimension
  const others = dimension.columns.map(({ name }) => name).filter((name) => name !== validFrom && name !== validTo)
  const begin = (row: Row): Value => (validFrom === null ? null : (row[validFrom] ?? null))
  const end = (row: Row): Value => (validTo === null ? undefined : row[validTo]) ?? Infinity
  const order = (a: Row, b: Row): number => {
    const begins = validFrom === null ? 0 : compare(begin(a), begin(b)) || compare(end(a), end(b))
    return begins || others.reduce((so, name) => so || compare(a[name] ?? null, b[name] ?? null), 0)
  }
  const holds = (row: Row): boolean =>
    validFrom === null || (begin(row) !== null && compare(begin(row), T) <= 0 && compare(T, end(row)) < 0)
  return rows.filter(holds).toSorted(order).at(-1) ?? null
}
