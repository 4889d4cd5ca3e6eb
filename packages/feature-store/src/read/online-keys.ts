import { MartletError, sameType } from '@martlet/warehouse'
import { keyCodec, type KeyCodec } from '../online/key-codec.ts'
import type { KeyColumn, KeyValue } from '../online/key-value.ts'
import { entityIn, nameIn, serviceKeys, type ServicePlan } from '../plan/view-plan.ts'

/** The distinct keys of one request for the views of one entity. */
export interface EntityKeys {
  readonly keys: readonly Uint8Array[]
  /** `slots[row]` is the index of a row's key in `keys`; null when every row has its own key, in order. */
  readonly slots: Int32Array | null
}

/** Splits the keys of a request among the entities of a service. */
export interface RequestKeys {
  /** `entityOf[view]` is the entity of `service.views[view]`; views with equal key columns share one. */
  readonly entityOf: readonly number[]
  /** @throws MartletError BAD_ENTITY_KEY when a key cannot be used; the message names the row and the column */
  split(rows: readonly Readonly<Record<string, KeyValue>>[]): readonly EntityKeys[]
}

/**
 * Compiles the key handling of a service.
 * @throws MartletError KEY_TYPE_CONFLICT when two views give one key column different types
 */
export function requestKeys(service: ServicePlan): RequestKeys {
  const columns = new Map(serviceKeys(service).map((column) => [column.name, column]))
  const codecs: KeyCodec[] = []
  const known = new Map<string, number>()
  const entityOf = service.views.map((read) => {
    const { keys } = entityIn(read)
    for (const column of keys) checkConflict(service, nameIn(read), column, columns.get(column.name))
    const id = JSON.stringify(keys.map(({ name }) => name))
    const entity = known.get(id) ?? codecs.push(keyCodec(keys)) - 1
    known.set(id, entity)
    return entity
  })
  return {
    entityOf,
    split(rows) {
      for (const [index, row] of rows.entries()) checkColumns(service, columns, row, index)
      return codecs.map((codec) => encode(codec, rows))
    },
  }
}

function checkConflict(service: ServicePlan, view: string, column: KeyColumn, first: KeyColumn | undefined): void {
  if (first === undefined || sameType(first.type, column.type)) return
  throw new MartletError(
    'KEY_TYPE_CONFLICT',
    `Service ${service.name}: key column ${column.name} is ${JSON.stringify(column.type)} in view ${view}, ` +
      `but ${JSON.stringify(first.type)} in an earlier view. Declare the column with one type.`,
    { data: { service: service.name, view, column: column.name } },
  )
}

function checkColumns(
  service: ServicePlan,
  columns: ReadonlyMap<string, KeyColumn>,
  row: unknown,
  index: number,
): void {
  if (typeof row !== 'object' || row === null) {
    const got = row === null ? 'null' : typeof row
    throw new MartletError(
      'BAD_ENTITY_KEY',
      `Row ${index}: a key must be an object of key columns, but it is ${got}.`,
      {
        data: { row: index, got },
      },
    )
  }
  for (const name in row) {
    if (columns.has(name)) continue
    const needed = [...columns.keys()].join(', ') || 'no key columns'
    throw new MartletError(
      'BAD_ENTITY_KEY',
      `Row ${index}: ${name} is not a key column of service ${service.name}, which needs ${needed}.`,
      { data: { row: index, column: name, needed: [...columns.keys()] } },
    )
  }
}

function encode(codec: KeyCodec, rows: readonly Readonly<Record<string, KeyValue>>[]): EntityKeys {
  const keys: Uint8Array[] = []
  const slots = new Int32Array(rows.length)
  const seen = new Map<string, number>()
  for (const [index, row] of rows.entries()) {
    const key = encodeRow(codec, row, index)
    if (rows.length === 1) return { keys: [key], slots: null }
    const id = key.toString('latin1')
    const slot = seen.get(id) ?? keys.push(key) - 1
    seen.set(id, slot)
    slots[index] = slot
  }
  return { keys, slots: keys.length === rows.length ? null : slots }
}

function encodeRow(codec: KeyCodec, row: Readonly<Record<string, KeyValue>>, index: number): Buffer {
  try {
    return codec.encode(row)
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    throw new MartletError(error.code, `Row ${index}: ${error.message}`, {
      data: { row: index, ...error.data },
      cause: error,
    })
  }
}
