import type { Value } from '../../vocabulary/algebra/value.ts'
import type { ChangePlan } from './change-plan.ts'
import { isObject } from './wire/exact-json.ts'
import { rowReader, type RowReader } from './row-reader.ts'

export type KeyReader = RowReader

/** Compiles the reading of keys out of a message key, or out of a row. */
export function keyReader(plan: ChangePlan): KeyReader {
  const columns = plan.columns.filter(({ name }) => plan.key.includes(name))
  // In the order of the key, which may not be that of the columns.
  const order = plan.key.map((name) => columns.findIndex((column) => column.name === name))
  const read = rowReader(plan, columns)
  const [only] = plan.key.length === 1 ? plan.key : []
  return (row, schema, place) => {
    // A key of one column may have been taken out of its object.
    const alone = only !== undefined && place === 'key' && !isObject(row)
    const fields = alone && schema !== undefined ? { ...schema, fields: new Map([[only, schema]]) } : schema
    const key = read(alone ? { [only]: row } : row, fields, place)
    if (key.faults !== undefined) return key
    return { values: order.map((index) => key.values[index] ?? null), unchanged: [] }
  }
}

export function sameKey(a: readonly Value[], b: readonly Value[]): boolean {
  return a.every((value, index) => value === b[index])
}
