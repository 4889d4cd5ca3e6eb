import {
  decimalKey,
  isWideDecimal,
  serviceKeys,
  temporalKey,
  type KeyValue,
  type ServicePlan,
  type TemporalKeyType,
} from '@martlet/feature-store'
import { nearestName, type ColumnType, type DecimalType } from '@martlet/warehouse'
import { isObject } from '../http/json-body.ts'
import type { Limits } from '../http/limits.ts'
import { Problem } from '../http/problem.ts'
import { shown } from '../http/suggest.ts'
import type { JsonBytes } from './json-bytes.ts'

export type EntityKey = Readonly<Record<string, KeyValue>>

/** Checks the keys of one service. Compiled once a service; runs for every request. */
export interface KeyReader {
  readonly columns: readonly string[]
  /** `keys` of a body: an array of objects with exactly the key columns. */
  many(value: unknown): readonly EntityKey[]
  /** Key columns given as query parameters. */
  fromQuery(query: Readonly<Record<string, readonly string[]>>): EntityKey
  /** `{"customer_id":"a"}`, as echoed in answers. */
  write(out: JsonBytes, key: EntityKey): void
}

/** Takes a JSON value to a key value, or says what was expected. */
interface KeyColumn {
  readonly name: string
  readonly prefix: Uint8Array
  read(value: unknown, limits: Limits): KeyValue | Expected
}

interface Expected {
  readonly expected: string
}

export function keyReader(service: ServicePlan, limits: Limits): KeyReader {
  const columns = serviceKeys(service).map((key, index): KeyColumn => ({
    name: key.name,
    prefix: Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(key.name)}:`),
    read: readerOf(key.type),
  }))
  const names = columns.map((column) => column.name)

  function one(row: unknown, index: number): EntityKey {
    if (!isObject(row)) throw invalid(`keys[${index}]`, `must be an object with ${names.join(', ')}, not ${shown(row)}`)
    const converted: Record<string, KeyValue> = {}
    for (const column of columns) {
      if (!Object.hasOwn(row, column.name)) throw missing(service, `keys[${index}].${column.name}`, column.name)
      const value = column.read(row[column.name], limits)
      if (isExpected(value))
        throw invalid(`keys[${index}].${column.name}`, `must be ${value.expected}, not ${shown(row[column.name])}`)
      converted[column.name] = value
    }
    for (const name in row) {
      if (!names.includes(name)) {
        const suggestion = nearestName(name, names)
        const path = `keys[${index}].${name.slice(0, 60)}`
        throw new Problem(
          400,
          'KEY_UNKNOWN_COLUMN',
          `${path}: service ${service.name} is keyed by ${names.join(', ') || 'nothing'}`,
          {
            path,
            ...(suggestion === undefined ? {} : { suggestion }),
          },
        )
      }
    }
    return converted
  }

  return {
    columns: names,
    many(value) {
      if (value === undefined)
        throw new Problem(
          400,
          'KEYS_MISSING',
          `keys is missing: send {"keys": [{${names.map((name) => `"${name}": …`).join(', ')}}]}`,
          { path: 'keys' },
        )
      if (!Array.isArray(value)) throw invalid('keys', `must be an array of objects, not ${shown(value)}`)
      if (value.length === 0)
        throw new Problem(400, 'KEYS_EMPTY', 'keys is empty: name at least one entity', { path: 'keys' })
      if (value.length > limits.keysPerRequest) {
        throw new Problem(
          413,
          'TOO_MANY_KEYS',
          `keys has ${value.length} entries; the limit is ${limits.keysPerRequest}. Split the request`,
          { path: 'keys' },
        )
      }
      return value.map(one)
    },
    fromQuery(query) {
      const key: Record<string, KeyValue> = {}
      for (const column of columns) {
        const [text, second] = query[column.name] ?? []
        if (text === undefined) throw missing(service, column.name, column.name)
        if (second !== undefined) throw invalid(column.name, 'is given more than once')
        const value = column.read(fromText(serviceKeys(service), column.name, text), limits)
        if (isExpected(value)) throw invalid(column.name, `must be ${value.expected}, not ${shown(text)}`)
        key[column.name] = value
      }
      return key
    },
    write(out, key) {
      if (columns.length === 0) out.json('{')
      for (const { name, prefix } of columns) {
        out.raw(prefix)
        const value = key[name]
        if (typeof value === 'string') out.string(value)
        else if (typeof value === 'number') out.number(value)
        else out.json(String(value))
      }
      out.json('}')
    },
  }
}

function readerOf(type: ColumnType): KeyColumn['read'] {
  if (isWideDecimal(type)) return (value) => readDecimal(type, value)
  if (typeof type === 'object') return readDouble
  switch (type) {
    case 'text':
      return readText
    case 'integer':
      return readInteger
    case 'bigint':
      return readBigint
    case 'double':
      return readDouble
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : { expected: 'true or false' })
    case 'timestamp':
      return (value) => readTemporal(value, type, 'an instant in UTC such as "2026-01-31T09:30:00Z"')
    case 'date':
      return (value) => readTemporal(value, type, 'a date such as "2026-01-31"')
  }
}

function readText(value: unknown, limits: Limits): KeyValue | Expected {
  if (typeof value !== 'string') return { expected: 'a string' }
  if (value.length > limits.keyLength) return { expected: `at most ${limits.keyLength} characters` }
  if (!value.isWellFormed()) return { expected: 'well-formed Unicode' }
  return value
}

function readInteger(value: unknown): KeyValue | Expected {
  if (typeof value === 'number' && Number.isInteger(value) && value >= -2_147_483_648 && value <= 2_147_483_647)
    return value
  return { expected: 'a whole number of 32 bits' }
}

function readBigint(value: unknown): KeyValue | Expected {
  const expected = { expected: 'a whole number of 64 bits (beyond 2^53 as a string of digits)' }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : expected
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) return expected
  const exact = BigInt(value)
  return BigInt.asIntN(64, exact) === exact ? exact : expected
}

function readDouble(value: unknown): KeyValue | Expected {
  return typeof value === 'number' && Number.isFinite(value) ? value : { expected: 'a number' }
}

function readDecimal(type: DecimalType, value: unknown): KeyValue | Expected {
  const [precision, scale] = type.decimal
  const exact = (typeof value === 'number' || typeof value === 'string') && decimalKey(type, value) !== undefined
  return exact
    ? value
    : { expected: `a decimal of ${precision} digits, ${scale} of them behind the point (beyond 2^53 as a string)` }
}

function readTemporal(value: unknown, type: TemporalKeyType, expected: string): KeyValue | Expected {
  return typeof value === 'string' && temporalKey(type, value) !== undefined ? value : { expected }
}

/** A query parameter as the JSON value it stands for. */
function fromText(keys: ReturnType<typeof serviceKeys>, name: string, text: string): unknown {
  const type = keys.find((key) => key.name === name)?.type
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type !== undefined && isWideDecimal(type)) return text
  if (type === 'integer' || type === 'double' || typeof type === 'object')
    return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : text
  return text
}

function isExpected(value: KeyValue | Expected): value is Expected {
  return typeof value === 'object' && 'expected' in value
}

function invalid(path: string, detail: string): Problem {
  return new Problem(400, 'KEY_INVALID', `${path} ${detail}`, { path })
}

function missing(service: ServicePlan, path: string, name: string): Problem {
  return new Problem(400, 'KEY_MISSING', `${path} is missing: service ${service.name} needs ${name}`, { path })
}
