import { columnBatch, isWideDecimal, type ColumnInput, type ColumnType } from '@martlet/warehouse'
import { ByteWriter } from '../online/byte-writer.ts'
import { storageOf } from '../online/key-value.ts'
import { rowCodec, rowWriter } from '../online/row-codec.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { doubleOf, storedOf, type Value } from '../vocabulary/algebra/value.ts'

/** Compiles the encoding of rows of feature values as the online store has those of other views. */
export function rowBytes(view: ViewPlan): (rows: readonly (readonly Value[])[]) => readonly Uint8Array[] {
  const codec = rowCodec(view.features)
  return (rows) => {
    const columns = view.features.map(({ name, type }, place): [string, ColumnInput] => [
      name,
      columnOf(
        type,
        rows.map((row) => row[place] ?? null),
      ),
    ])
    const write = rowWriter(codec, columnBatch(Object.fromEntries(columns)))
    return rows.map((_, row) => {
      const out = new ByteWriter(codec.size + 64)
      write(out, row)
      return out.bytes.subarray(0, out.length)
    })
  }
}

function columnOf(type: ColumnType, values: readonly Value[]): ColumnInput {
  if (isWideDecimal(type)) return { type: { decimal: type.decimal }, values: values.map(bigintOf) }
  const storage = storageOf(type)
  switch (storage) {
    case 'boolean':
      return { type: storage, values: values.map((value) => (typeof value === 'boolean' ? value : null)) }
    case 'text':
      return { type: storage, values: values.map((value) => (typeof value === 'string' ? value : null)) }
    case 'double':
      return { type: storage, values: values.map((value) => numberOf(doubleOf(value, type))) }
    case 'bigint':
    case 'timestamp':
      return { type: storage, values: values.map(bigintOf) }
    case 'integer':
    case 'date':
      return { type: storage, values: values.map((value) => numberOf(storedOf(value, type))) }
  }
}

function numberOf(value: ReturnType<typeof storedOf>): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function bigintOf(value: Value): bigint | null {
  return typeof value === 'bigint' ? value : null
}
