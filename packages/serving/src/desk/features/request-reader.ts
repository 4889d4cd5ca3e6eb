import {
  isExpectedValue,
  requestValueReader,
  serviceRequest,
  type RequestColumn,
  type RequestRow,
  type RequestValue,
  type ServicePlan,
} from '@martlet/feature-store'
import { nearestName } from '@martlet/warehouse'
import { isObject } from '../json/json-object.ts'
import type { Limits } from '../limits.ts'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import { exactInteger, fromText } from './key-value.ts'

/** Reads the values that requests of one service bring. Prepared once per service. */
export interface RequestReader {
  readonly columns: readonly string[]
  /** The columns with their types, in the same order. */
  readonly described: readonly RequestColumn[]
  /**
   * One value of the column with this index.
   *
   * @param path its place in the request
   * @throws Problem when it is missing or not a value of this column
   */
  value(column: number, json: unknown, path: string): RequestValue
  /**
   * The `request` of a body: one object per key. Undefined when it is left out and every value may be missing.
   *
   * @throws Problem when it is missing, of another length, or has other values
   */
  many(value: unknown, keys: number): readonly RequestRow[] | undefined
  /**
   * Values that are query parameters.
   *
   * @throws Problem when they are not values of this service
   */
  fromQuery(query: Readonly<Record<string, readonly string[]>>): RequestRow
}

/** Undefined for a service that computes nothing on demand. */
export function requestReader(service: ServicePlan, limits: Limits): RequestReader | undefined {
  if (service.onDemand === undefined) return undefined
  const columns = serviceRequest(service).map((column) => ({ column, read: requestValueReader(column) }))
  const names = columns.map(({ column }) => column.name)
  const required = columns.filter(({ column }) => !column.nullable).map(({ column }) => column.name)

  const valueOf = (index: number, json: unknown, path: string, sent = json): RequestValue => {
    const known = columns[index]
    if (known === undefined) return null
    if (typeof json === 'string' && json.length > limits.keyLength)
      throw invalid(path, `must be at most ${limits.keyLength} characters, not ${json.length}`)
    const { column, read } = known
    if ((json === undefined || json === null) && !column.nullable) throw missing(service, path, column.name)
    const given = column.type === 'bigint' ? exactInteger(json) : json
    const value = read(given)
    if (isExpectedValue(value)) throw invalid(path, `must be ${value.expected}, not ${shown(sent)}`)
    return isScalar(given) ? given : null
  }

  function one(row: unknown, index: number): RequestRow {
    const path = `request[${index}]`
    if (!isObject(row))
      throw invalid(path, `must be an object with ${names.join(', ') || 'nothing'}, not ${shown(row)}`)
    const values: Record<string, RequestValue> = {}
    for (const [i, name] of names.entries())
      values[name] = valueOf(i, Object.hasOwn(row, name) ? row[name] : undefined, `${path}.${name}`)
    for (const name in row) if (!names.includes(name)) throw unknownValue(service, names, path, name)
    return values
  }

  return {
    columns: names,
    described: columns.map(({ column }) => column),
    value: valueOf,
    many(value, keys) {
      if (value === undefined) {
        if (required.length === 0) return undefined
        const example = names.map((name) => `"${name}": …`).join(', ')
        const detail = `request is missing. Send "request": [{${example}}], one object per key.`
        throw new Problem(400, 'REQUEST_MISSING', detail, { path: 'request' })
      }
      if (!Array.isArray(value)) throw invalid('request', `must be an array of objects, not ${shown(value)}`)
      if (value.length !== keys) {
        const detail = `request has ${value.length} entries, and keys has ${keys}. Send one object per key, in the same order.`
        throw new Problem(400, 'REQUEST_INVALID', detail, { path: 'request' })
      }
      return value.map(one)
    },
    fromQuery(query) {
      const values: Record<string, RequestValue> = {}
      for (const [index, { column }] of columns.entries()) {
        const [text, second] = query[column.name] ?? []
        if (second !== undefined) throw invalid(column.name, 'is given more than once')
        values[column.name] = valueOf(index, text === undefined ? undefined : parsed(column, text), column.name, text)
      }
      return values
    },
  }
}

function parsed({ type }: RequestColumn, text: string): unknown {
  return fromText(type, text)
}

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

function invalid(path: string, detail: string): Problem {
  return new Problem(400, 'REQUEST_INVALID', `${path} ${detail}.`, { path })
}

function missing(service: ServicePlan, path: string, name: string): Problem {
  return new Problem(400, 'REQUEST_MISSING', `${path} is missing. Service ${service.name} needs ${name}.`, { path })
}

function unknownValue(service: ServicePlan, names: readonly string[], row: string, name: string): Problem {
  const suggestion = nearestName(name, names)
  const path = `${row}.${name.slice(0, 60)}`
  const needs = names.join(', ') || 'nothing'
  const detail = `${path} is not a value of a request. Service ${service.name} takes ${needs}.`
  return new Problem(400, 'REQUEST_UNKNOWN_VALUE', detail, {
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
