import { MartletError, type ColumnType } from '@martlet/warehouse'
import type { OnlineRow, OnlineStore } from './online-store.ts'
import { rowCodec, type RowCodec } from './row-codec.ts'

/** The table that lists, by fingerprint, the features of every layout ever published. No view can have this name. */
export const SCHEMA_TABLE = '.schemas'

/** What is stored of a layout, so that rows written under an older definition can still be read by name. */
export function schemaRecord(codec: RowCodec): OnlineRow {
  const schema = codec.fields.map(({ name, type }) => ({ name, type }))
  return { key: codec.fingerprint, time: 0n, value: Buffer.from(JSON.stringify(schema)) }
}

/** Reads back the layouts of some fingerprints; undefined where nothing is recorded. */
export async function readSchemas(
  store: OnlineStore,
  fingerprints: readonly Uint8Array[],
): Promise<readonly (RowCodec | undefined)[]> {
  const [rows = []] = await store.read([{ table: SCHEMA_TABLE, keys: fingerprints }])
  return rows.map((row) => (row === undefined ? undefined : parseSchema(row.value)))
}

const TYPES = ['boolean', 'integer', 'bigint', 'double', 'text', 'timestamp', 'date'] as const

function parseSchema(value: Uint8Array): RowCodec {
  const schema: unknown = JSON.parse(Buffer.from(value).toString('utf8'))
  if (!Array.isArray(schema))
    throw new MartletError(
      'ONLINE_SCHEMA_MISMATCH',
      'A stored layout is not a list of features. Clear the online store and materialize again.',
    )
  return rowCodec(
    schema.map((entry: unknown) => {
      const type = typeof entry === 'object' && entry !== null && 'type' in entry ? storedTypeOf(entry.type) : undefined
      const name = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined
      if (type === undefined || typeof name !== 'string') {
        throw new MartletError(
          'ONLINE_SCHEMA_MISMATCH',
          'A stored layout names a feature type that this version does not know. Materialize again, or update Martlet.',
        )
      }
      return { name, type }
    }),
  )
}

function storedTypeOf(given: unknown): ColumnType | undefined {
  const named = TYPES.find((known) => given === known)
  if (named !== undefined || typeof given !== 'object' || given === null || !('decimal' in given)) return named
  const { decimal } = given
  if (!Array.isArray(decimal)) return undefined
  const [precision, scale]: unknown[] = decimal
  return typeof precision === 'number' && typeof scale === 'number' ? { decimal: [precision, scale] } : undefined
}
