import {
  serviceKeys,
  type KeyValue,
  type RequestColumn,
  type RequestRow,
  type RequestValue,
} from '@martlet/feature-store'
import { nearestName, type ColumnType } from '@martlet/warehouse'
import type { Limits } from '../limits.ts'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import type { EntityKey } from './key-reader.ts'
import { isExpected, keyValue } from './key-value.ts'
import type { Asked, PreparedRead } from './prepared-read.ts'

/** Keys and request values by column, each an array with one value per entity. */
export type GivenColumns = Readonly<Record<string, unknown>>

/** Reads what is asked of one read when it comes by column instead of by row. Prepared once per read. */
export interface ColumnReader {
  readonly keys: readonly { readonly name: string; readonly type: ColumnType }[]
  /**
   * What the columns ask for. Columns that the read does not need are ignored.
   *
   * @throws Problem when a needed column is missing, of another length, too long, or has other values
   */
  read(given: GivenColumns): Asked
}

interface ColumnReaderOptions {
  /** The field of the body that holds the columns, as problems name it. */
  readonly place: string
  readonly limits: Limits
  /** Makes the JSON value of a column type from what the protocol writes for it; anything else stays as it is. */
  readonly jsonOf: (type: ColumnType, value: unknown) => unknown
}

export function columnReader(read: PreparedRead, { place, limits, jsonOf }: ColumnReaderOptions): ColumnReader {
  const keys = serviceKeys(read.plan).map(({ name, type }) => ({ name, type }))
  const request = read.plan.onDemand === undefined ? undefined : read.request
  const requested: readonly RequestColumn[] = request?.described ?? []
  const names = [...keys, ...requested].map(({ name }) => name)

  function keyOf(type: ColumnType, json: unknown, path: string): KeyValue {
    const value = keyValue(type, jsonOf(type, json), limits)
    if (isExpected(value)) throw invalid(path, `must be ${value.expected}, not ${shown(json)}`)
    return value
  }

  function keyRows(given: GivenColumns, rows: number): readonly EntityKey[] {
    const result = Array.from({ length: rows }, (): Record<string, KeyValue> => ({}))
    for (const { name, type } of keys) {
      const values = valuesOf(given, name)
      for (const [row, key] of result.entries()) key[name] = keyOf(type, values[row], `${place}.${name}[${row}]`)
    }
    return result
  }

  function requestRows(given: GivenColumns, rows: number): readonly RequestRow[] | undefined {
    if (request === undefined) return undefined
    const result = Array.from({ length: rows }, (): Record<string, RequestValue> => ({}))
    for (const [index, { name, type }] of requested.entries()) {
      const values = valuesOf(given, name)
      for (const [row, one] of result.entries())
        one[name] = request.value(index, jsonOf(type, values[row]), `${place}.${name}[${row}]`)
    }
    return result
  }

  /** How many rows the needed columns have, which is the same for all of them. */
  function rowsOf(given: GivenColumns): number {
    let first: { readonly name: string; readonly rows: number } | undefined
    for (const name of names) {
      const values = Object.hasOwn(given, name) ? given[name] : undefined
      if (values === undefined) {
        const column = requested.find((one) => one.name === name)
        if (column?.nullable === true) continue
        throw missing(given, name, place, column === undefined ? 'KEY_MISSING' : 'REQUEST_MISSING')
      }
      if (!Array.isArray(values)) throw invalid(`${place}.${name}`, `must be an array, not ${shown(values)}`)
      first ??= { name, rows: values.length }
      if (values.length !== first.rows) {
        const other = `${place}.${first.name} has ${first.rows}`
        throw invalid(`${place}.${name}`, `has ${values.length} values, and ${other}; send one per entity in each`)
      }
    }
    // What holds for everybody needs no key: then any column says for how many rows it is asked.
    return first?.rows ?? Object.values(given).find((values) => Array.isArray(values))?.length ?? 1
  }

  return {
    keys,
    read(given) {
      const rows = rowsOf(given)
      if (rows === 0)
        throw new Problem(400, 'KEYS_EMPTY', `${place} has no values. Name at least one entity.`, { path: place })
      if (rows > limits.keysPerRequest) {
        const detail = `${place} has ${rows} rows; the limit is ${limits.keysPerRequest}. Split the request.`
        throw new Problem(413, 'TOO_MANY_KEYS', detail, { path: place })
      }
      return { keys: keyRows(given, rows), request: requestRows(given, rows) }
    },
  }
}

/** A column that is given; `rowsOf` has refused those that are not arrays. */
function valuesOf(given: GivenColumns, name: string): readonly unknown[] {
  const values = Object.hasOwn(given, name) ? given[name] : undefined
  return Array.isArray(values) ? values : []
}

function invalid(path: string, detail: string): Problem {
  return new Problem(400, 'KEY_INVALID', `${path} ${detail}.`, { path })
}

function missing(given: GivenColumns, name: string, place: string, code: 'KEY_MISSING' | 'REQUEST_MISSING'): Problem {
  const path = `${place}.${name}`
  const near = nearestName(name, Object.keys(given))
  const hint = near === undefined ? '' : ` There is ${shown(near)}: was it meant?`
  return new Problem(400, code, `${path} is missing; these features need it.${hint}`, { path })
}
