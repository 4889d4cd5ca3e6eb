import { MartletError, type ColumnType } from '@martlet/warehouse'
import { keyCodec } from '../online/key-codec.ts'
import type { KeyValue } from '../online/key-value.ts'
import { temporalKey } from '../online/temporal-key.ts'
import type { EntityPlan } from '../plan/source-plan.ts'

/** Whom an erasure is about: distinct keys of one entity. */
export interface ErasedKeys {
  readonly entity: EntityPlan
  /** The key columns and nothing else. */
  readonly rows: readonly Readonly<Record<string, KeyValue>>[]
}

/**
 * Checks keys against the columns of their entity. No message repeats a value: keys may be personal.
 * @throws MartletError ERASE_KEYS_INVALID naming row and column
 */
export function erasedKeys(entity: EntityPlan, given: readonly Readonly<Record<string, KeyValue>>[]): ErasedKeys {
  if (entity.keys.length === 0) throw invalid(`entity ${entity.name} has no key columns`, { entity: entity.name })
  if (given.length === 0) throw invalid(`no key of ${entity.name} was given`, { entity: entity.name })
  const codec = keyCodec(entity.keys)
  const distinct = new Map<string, Readonly<Record<string, KeyValue>>>()
  for (const [row, key] of given.entries()) {
    const unknown = Object.keys(key).find((name) => entity.keys.every((column) => column.name !== name))
    if (unknown !== undefined)
      throw invalid(
        `row ${row} has column ${unknown}, which is not a key column of ${entity.name} (${keyNames(entity)})`,
        {
          entity: entity.name,
          row,
          column: unknown,
        },
      )
    distinct.set(encoded(codec, entity, key, row).toString('latin1'), key)
  }
  return { entity, rows: [...distinct.values()] }
}

function encoded(
  codec: ReturnType<typeof keyCodec>,
  entity: EntityPlan,
  key: Readonly<Record<string, KeyValue>>,
  row: number,
): Buffer {
  try {
    return codec.encode(key)
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    const { column, expected } = error.data
    throw invalid(`row ${row}: ${String(column)} is not ${String(expected)}`, {
      entity: entity.name,
      row,
      column,
      expected,
    })
  }
}

function keyNames(entity: EntityPlan): string {
  return entity.keys.map(({ name }) => name).join(', ')
}

function invalid(why: string, data: Readonly<Record<string, unknown>>): MartletError {
  return new MartletError('ERASE_KEYS_INVALID', `The keys to erase cannot be used: ${why}. Nothing was erased.`, {
    data,
  })
}

/**
 * A text that is equal for equal values of a type, whatever form they come in; undefined when the value is none of
 * the type.
 */
export function canonical(type: ColumnType, value: unknown): string | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : value === 'true' || value === 'false' ? value : undefined
    case 'integer':
    case 'bigint':
      return wholeText(value)
    case 'timestamp':
    case 'date':
      return temporalKey(type, value)?.toString()
    default:
      return numberText(value)
  }
}

function wholeText(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? String(BigInt(value)) : undefined
  return typeof value === 'string' && /^-?\d+$/.test(value) ? String(BigInt(value)) : undefined
}

/** Text keeps all its digits; a number that is written without an exponent is read like its text. */
function numberText(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? numberText(String(value === 0 ? 0 : value)) : undefined
  if (typeof value !== 'string') return undefined
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(value) ?? []
  if (whole !== '') return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
  const number = Number(value)
  return value.trim() === '' || !Number.isFinite(number) ? undefined : String(number)
}
