import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { KeyValue } from '@martlet/feature-store'
import {
  isWideDecimal,
  ensureTable,
  loadFile,
  MartletError,
  openDuckDb,
  rowsOf,
  sql,
  typeText,
  type ColumnType,
} from '@martlet/warehouse'

/** The key columns of an entity. */
export interface KeyedEntity {
  readonly name: string
  readonly keys: readonly { readonly name: string; readonly type: ColumnType }[]
}

export type Key = Readonly<Record<string, KeyValue>>

/**
 * Keys on the command line: `c1,c2` for one key column, otherwise JSON: a list of values or of objects with the key columns.
 * @throws MartletError USAGE when a key is not valid; it repeats no value
 */
export function keysOfText(text: string, entity: KeyedEntity): readonly Key[] {
  const [only] = entity.keys.length === 1 ? entity.keys : []
  if (/^\s*[[{]/.test(text)) return keysOfJson(text, entity, '--keys')
  if (only === undefined)
    throw usage(
      `--keys: ${entity.name} has the key columns ${names(entity)}. ` +
        `Give JSON such as '[{${entity.keys.map(({ name }) => `"${name}": …`).join(', ')}}]', or a file with --keys-from.`,
    )
  const values = text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
  return values.map((value, index) => ({ [only.name]: typed(value, only, `--keys, value ${index + 1}`) }))
}

/**
 * Keys of a CSV, Parquet or JSON file with the key columns; other columns are ignored.
 * @throws MartletError USAGE when the file cannot be read or a key is not valid; it repeats no value
 */
export async function keysOfFile(path: string, entity: KeyedEntity): Promise<readonly Key[]> {
  const file = resolve(path)
  if (/\.json$/i.test(file))
    return keysOfJson(await readFile(file, 'utf8').catch(unreadable(file)), entity, `--keys-from ${path}`)
  await using reader = await openDuckDb()
  const columns = Object.fromEntries(
    entity.keys.map(({ name, type }) => [name, typeof type === 'string' ? type : 'text'] as const),
  )
  await ensureTable(reader, { table: 'keys', columns: Object.entries(columns).map(([name, type]) => ({ name, type })) })
  await loadFile(reader, { table: 'keys', path: file, mode: 'append', columns }).catch((error: unknown) => {
    if (!(error instanceof MartletError)) throw error
    // What cannot be read as a key may still be one: it is not repeated.
    const { row, line, column } = error.data
    const where = [
      ['row', row],
      ['line', line],
      ['column', column],
    ].flatMap(([what, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [`${String(what)} ${value}`] : [],
    )
    throw usage(
      `--keys-from ${path} cannot be read${where.length === 0 ? '' : `, ${where.join(', ')}`} (${error.code}). ` +
        `It needs the columns ${names(entity)}, with the types ${entity.keys.map(({ type }) => typeText(type)).join(', ')}.`,
    )
  })
  const rows = rowsOf(await reader.read(sql`SELECT * FROM keys`))
  return rows.map((row, index) =>
    Object.fromEntries(
      entity.keys.map((key) => [key.name, typed(row[key.name], key, `--keys-from ${path}, row ${index + 1}`)]),
    ),
  )
}

function keysOfJson(text: string, entity: KeyedEntity, what: string): readonly Key[] {
  let read: unknown
  try {
    read = JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' &&
      !Number.isSafeInteger(value) &&
      context?.source !== undefined &&
      /^-?\d+$/.test(context.source)
        ? BigInt(context.source)
        : value,
    )
  } catch {
    throw usage(`${what} is not valid JSON. Give a list of keys, each an object with ${names(entity)}.`)
  }
  const list: readonly unknown[] = Array.isArray(read) ? read : [read]
  const [only] = entity.keys.length === 1 ? entity.keys : []
  return list.map((one, index) => {
    const where = `${what}, key ${index + 1}`
    if (typeof one === 'object' && one !== null)
      return Object.fromEntries(
        entity.keys.map((key) => [key.name, typed(new Map(Object.entries(one)).get(key.name), key, where)]),
      )
    if (only === undefined) throw usage(`${where} is not an object with ${names(entity)}.`)
    return { [only.name]: typed(one, only, where) }
  })
}

/** A value of the key column's type; numbers may come as text. */
function typed(value: unknown, { name, type }: KeyedEntity['keys'][number], where: string): KeyValue {
  if (type === 'text' && typeof value === 'string') return value
  if (type === 'boolean' && (typeof value === 'boolean' || value === 'true' || value === 'false'))
    return value === true || value === 'true'
  if ((type === 'timestamp' || type === 'date') && (typeof value === 'string' || value instanceof Date)) return value
  if ((type === 'integer' || type === 'bigint') && /^-?\d+$/.test(String(value))) return BigInt(String(value))
  // Decimals with this many digits need text: a double would merge several of them.
  if (isWideDecimal(type) && /^-?\d+(?:\.\d+)?$/.test(String(value))) return String(value)
  if (
    (type === 'double' || typeof type === 'object') &&
    value !== '' &&
    value !== null &&
    typeof value !== 'boolean' &&
    Number.isFinite(Number(value))
  )
    return Number(value)
  throw usage(
    `${where}: ${name} is ${value === undefined || value === null ? 'missing' : `not a value of type ${typeText(type)}`}.`,
  )
}

function names({ keys }: KeyedEntity): string {
  return keys.map(({ name }) => name).join(', ')
}

function unreadable(file: string): (cause: unknown) => never {
  return (cause) => {
    throw new MartletError('USAGE', `--keys-from ${file} cannot be read. Check the path.`, { data: { file }, cause })
  }
}

function usage(message: string): MartletError {
  return new MartletError('USAGE', message)
}
