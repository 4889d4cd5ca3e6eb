import { serviceKeys, type KeyValue, type ServicePlan } from '@martlet/feature-store'
import { nearestName, type ColumnType } from '@martlet/warehouse'
import type { JsonBytes } from '../json/json-bytes.ts'
import { isObject } from '../json/json-object.ts'
import type { Limits } from '../limits.ts'
import { Problem } from '../problem.ts'
import { shown } from '../shown.ts'
import { fromText, isExpected, keyValue } from './key-value.ts'
import { oneKeyScanner, type ScanOneKey } from './one-key-scanner.ts'

export type EntityKey = Readonly<Record<string, KeyValue>>

/** Reads the keys of one service from JSON and writes them. Prepared once per service. */
export interface KeyReader {
  readonly columns: readonly string[]
  /**
   * The `keys` of a body: an array of objects with exactly the key columns.
   *
   * @throws Problem when they are missing, too many, or not keys of this service
   */
  many(value: unknown): readonly EntityKey[]
  /**
   * A key whose columns are query parameters.
   *
   * @throws Problem when they are not a key of this service
   */
  fromQuery(query: Readonly<Record<string, readonly string[]>>): EntityKey
  /** Undefined where keys cannot be written without being read. */
  readonly scanOne: ScanOneKey | undefined
  /** `{"customer_id":"a"}`, as answers repeat it. */
  write(out: JsonBytes, key: EntityKey): void
}

interface KeyColumn {
  readonly name: string
  readonly type: ColumnType
  readonly prefix: Uint8Array
}

export function keyReader(service: ServicePlan, limits: Limits): KeyReader {
  const columns = serviceKeys(service).map((key, index): KeyColumn => ({
    name: key.name,
    type: key.type,
    prefix: Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(key.name)}:`),
  }))
  const names = columns.map((column) => column.name)

  function one(row: unknown, index: number): EntityKey {
    const path = `keys[${index}]`
    if (!isObject(row)) throw invalid(path, `must be an object with ${names.join(', ')}, not ${shown(row)}`)
    const key: Record<string, KeyValue> = {}
    for (const column of columns) {
      if (!Object.hasOwn(row, column.name)) throw missing(service, `${path}.${column.name}`, column.name)
      key[column.name] = checked(column, row[column.name], `${path}.${column.name}`, limits)
    }
    for (const name in row) if (!names.includes(name)) throw unknownColumn(service, names, path, name)
    return key
  }

  return {
    columns: names,
    scanOne: oneKeyScanner(columns, limits),
    many: (value) => listed(value, names, limits).map(one),
    fromQuery(query) {
      const key: Record<string, KeyValue> = {}
      for (const column of columns) {
        const { name, type } = column
        const [text, second] = query[name] ?? []
        if (text === undefined) throw missing(service, name, name)
        if (second !== undefined) throw invalid(name, 'is given more than once')
        key[name] = checked(column, fromText(type, text), name, limits, text)
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

function listed(value: unknown, names: readonly string[], limits: Limits): readonly unknown[] {
  if (value === undefined) {
    const example = names.map((name) => `"${name}": …`).join(', ')
    throw new Problem(400, 'KEYS_MISSING', `keys is missing. Send {"keys": [{${example}}]}.`, { path: 'keys' })
  }
  if (!Array.isArray(value)) throw invalid('keys', `must be an array of objects, not ${shown(value)}`)
  if (value.length === 0)
    throw new Problem(400, 'KEYS_EMPTY', 'keys is empty. Name at least one entity.', { path: 'keys' })
  if (value.length > limits.keysPerRequest) {
    const detail = `keys has ${value.length} entries; the limit is ${limits.keysPerRequest}. Split the request.`
    throw new Problem(413, 'TOO_MANY_KEYS', detail, { path: 'keys' })
  }
  return value
}

function checked({ type }: KeyColumn, json: unknown, path: string, limits: Limits, sent = json): KeyValue {
  const value = keyValue(type, json, limits)
  if (isExpected(value)) throw invalid(path, `must be ${value.expected}, not ${shown(sent)}`)
  return value
}

function invalid(path: string, detail: string): Problem {
  return new Problem(400, 'KEY_INVALID', `${path} ${detail}.`, { path })
}

function missing(service: ServicePlan, path: string, name: string): Problem {
  return new Problem(400, 'KEY_MISSING', `${path} is missing. Service ${service.name} needs ${name}.`, { path })
}

function unknownColumn(service: ServicePlan, names: readonly string[], row: string, name: string): Problem {
  const suggestion = nearestName(name, names)
  const path = `${row}.${name.slice(0, 60)}`
  const detail = `${path} is not a key column. Service ${service.name} is keyed by ${names.join(', ') || 'nothing'}.`
  return new Problem(400, 'KEY_UNKNOWN_COLUMN', detail, {
    path,
    ...(suggestion === undefined ? {} : { suggestion }),
  })
}
