import { describeType, violation, checkText } from '../../on-demand/request-value.ts'
import type { SourceColumn } from '../../plan/source-plan.ts'
import type { Value } from '../../vocabulary/algebra/value.ts'
import type { ChangeFault } from './change.ts'
import type { ChangePlan, WireColumn } from './change-plan.ts'
import { Digits, isObject, shown, type Json } from './wire/exact-json.ts'
import type { FieldSchema } from './wire/field-schema.ts'
import { dateOf, instantOfText, dateOfText } from './wire/instants.ts'
import { UNCHANGED, wrong, type Meaning } from './wire/meaning.ts'
import { decimalOfNumber, doubleOf, variableDecimal } from './wire/numbers.ts'
import { isMisfit, toColumn } from './wire/to-column.ts'
import { meaningBySchema, meaningOfJson, wireTypes } from './wire/types.ts'
import { unchangedTest } from './wire/unchanged.ts'

/** The values of some columns, or every reason why not. */
export type ReadRow =
  | { readonly values: readonly Value[]; readonly unchanged: readonly number[]; readonly faults?: undefined }
  | { readonly faults: readonly ChangeFault[] }

/** Reads a row of a message as values of columns; `place` is where the row is, for faults. */
export type RowReader = (row: Json, schema: FieldSchema | undefined, place: string) => ReadRow

/** Compiles the reading of rows: by the schema that comes with them, or by what their columns declare. */
export function rowReader({ format, key }: ChangePlan, columns: readonly SourceColumn[]): RowReader {
  const isUnchanged = unchangedTest(format.unavailable)
  const readers = columns.map((column) => {
    const bare = withoutSchema(column, ownValue(format.columns, column.name))
    const tests = column.checks.map((check) => ({ fails: violation(check, column.type), expected: checkText(check) }))
    const meaningOf = (value: Json, schema: FieldSchema | undefined): Meaning => {
      if (isUnchanged(value)) return UNCHANGED
      return schema === undefined ? bare(value) : meaningBySchema(value, schema)
    }
    return (value: Json, schema: FieldSchema | undefined): Value | typeof UNCHANGED | { readonly wrong: string } => {
      const meaning = meaningOf(value, schema)
      if (meaning.is === 'unchanged')
        return key.includes(column.name) ? { wrong: 'is a key, and the message does not have it' } : UNCHANGED
      const read = toColumn(meaning, column.type)
      if (isMisfit(read)) return { wrong: `must be ${read.expected}, not ${shown(value)}` }
      if (read === null) {
        if (column.nullable) return null
        const why = meaning.is === 'nothing' ? 'is missing' : `is ${shown(value)}, which no column holds`
        return { wrong: `${why}; it must be ${describeType(column.type)}` }
      }
      const failed = tests.find(({ fails }) => fails(read))
      return failed === undefined ? read : { wrong: `must be ${failed.expected}, not ${shown(value)}` }
    }
  })
  return (row, schema, place) => {
    if (!isObject(row)) return { faults: [{ path: place, message: `${place || 'it'} must be an object` }] }
    const values: Value[] = []
    const unchanged: number[] = []
    const faults: ChangeFault[] = []
    for (const [index, read] of readers.entries()) {
      const name = columns[index]?.name ?? ''
      const value = read(ownValue(row, name) ?? null, schema?.fields.get(name))
      if (typeof value === 'object' && value !== null) {
        if ('wrong' in value) {
          const path = place === '' ? name : `${place}.${name}`
          faults.push({ path, message: `${name} ${value.wrong}` })
          continue
        }
        unchanged.push(index)
        values.push(null)
      } else values.push(value)
    }
    return faults.length > 0 ? { faults } : { values, unchanged }
  }
}

/** A column may be called like what every object has, such as `constructor`. */
function ownValue<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** What a value means that came without a schema: as declared, or by itself where it can only mean one thing. */
function withoutSchema({ name, type }: SourceColumn, declared: WireColumn | undefined): (value: Json) => Meaning {
  if (declared !== undefined) {
    const scale = declared.scale ?? (typeof type === 'object' ? type.decimal[1] : 0)
    const parameters = { scale: String(scale), length: String(declared.length ?? 64) }
    const read = wireTypes[declared.type]
    return (value) => (value === null ? { is: 'nothing' } : read(value, parameters))
  }
  const declare = (what: string): Meaning =>
    wrong(`of a declared type, as its message has no schema (columns: { ${name}: ${what} })`)
  const bare = (value: Json): Meaning => {
    const meaning = meaningOfJson(value)
    if (type === 'timestamp') {
      if (meaning.is === 'whole') return declare("'MicroTimestamp'")
      return meaning.is === 'text' ? instantOfText(meaning.value) : meaning
    }
    // Debezium's and Connect's dates are days.
    if (type === 'date') {
      if (meaning.is === 'whole') return dateOf(meaning.value)
      return meaning.is === 'text' ? dateOfText(meaning.value) : meaning
    }
    // Java writes a double of many digits as 1.2345678912345678E7.
    if (value instanceof Digits && type === 'double') return doubleOf(value)
    if (value instanceof Digits && (type === 'integer' || type === 'bigint')) return decimalOfNumber(value)
    if (typeof type !== 'object' && type !== 'double') return meaning
    if (isObject(value)) return variableDecimal(value)
    if (typeof value !== 'string') return typeof type === 'object' ? decimalOfNumber(value) : meaning
    const decimal = decimalOfNumber(value)
    // Digits alone may also be the base64 of other digits.
    return decimal.is === 'not a number' ? decimal : declare("'Decimal'")
  }
  return bare
}
