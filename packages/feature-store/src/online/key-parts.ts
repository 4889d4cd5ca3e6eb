import { isWideDecimal, type ColumnType } from '@martlet/warehouse'
import { keyCodec } from './key-codec.ts'
import { storageOf, type KeyColumn, type KeyValue } from './key-value.ts'

const PLAIN = 1

/**
 * The bytes of each column of a key that `keyCodec` has made; undefined for a key that was so long that only its hash
 * is kept.
 */
export function keyParts(columns: readonly KeyColumn[], key: Uint8Array): readonly Uint8Array[] | undefined {
  if (key[0] !== PLAIN) return undefined
  const parts: Uint8Array[] = []
  let start = 1
  for (const [index, { type }] of columns.entries()) {
    const end = index === columns.length - 1 ? key.length : start + lengthOf(type, key, start)
    parts.push(key.subarray(start, end))
    start = end
  }
  return parts
}

/**
 * The bytes of some columns' values as they stand in keys of more columns; undefined for values so long that their
 * keys are hashed.
 */
export function partsOf(
  columns: readonly KeyColumn[],
  values: Readonly<Record<string, KeyValue>>,
): readonly Uint8Array[] | undefined {
  const filled = Object.fromEntries(columns.map(({ name, type }) => [name, values[name] ?? filler(type)]))
  const parts = keyParts(columns, keyCodec(columns).encode(filled))
  return parts?.filter((_, index) => values[columns[index]?.name ?? ''] !== undefined)
}

function lengthOf(type: ColumnType, key: Uint8Array, start: number): number {
  if (isWideDecimal(type)) return 16
  const storage = storageOf(type)
  if (storage === 'boolean') return 1
  if (storage !== 'text') return 8
  // Two zeros end a text; a zero inside it is followed by a one.
  let at = start
  while (at < key.length && !(key[at] === 0 && key[at + 1] === 0)) at += key[at] === 0 ? 2 : 1
  return at + 2 - start
}

function filler(type: ColumnType): KeyValue {
  switch (storageOf(type)) {
    case 'text':
      return ''
    case 'boolean':
      return false
    case 'timestamp':
      return 0n
    case 'date':
      return new Date(0)
    default:
      return 0
  }
}
