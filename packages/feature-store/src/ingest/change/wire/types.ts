import { jsonText, type Json } from './exact-json.ts'
import type { FieldSchema } from './field-schema.ts'
import { dateOf, dateOfText, instantOf, instantOfText, timeOf, timeOfText } from './instants.ts'
import { NOTHING, wrong, type Meaning } from './meaning.ts'
import { base64Bytes, decimalOfNumber, doubleOf, preciseDecimal, variableDecimal, wholeOf } from './numbers.ts'

type Parameters = FieldSchema['parameters']
type Read = (value: Json, parameters: Parameters) => Meaning

/** A type whose values do not explain themselves, as Debezium calls it. `DecimalText` are decimals as digits. */
export type WireType =
  | 'Date'
  | 'Timestamp'
  | 'MicroTimestamp'
  | 'NanoTimestamp'
  | 'ZonedTimestamp'
  | 'IsoTimestamp'
  | 'IsoDate'
  | 'Time'
  | 'MicroTime'
  | 'NanoTime'
  | 'ZonedTime'
  | 'IsoTime'
  | 'Year'
  | 'MicroDuration'
  | 'NanoDuration'
  | 'Interval'
  | 'Decimal'
  | 'VariableScaleDecimal'
  | 'DecimalText'
  | 'Bits'

/** What Debezium and Kafka Connect call the types whose values do not explain themselves, by the last part of their names. */
export const wireTypes: Readonly<Record<WireType, Read>> = {
  Date: whole('the days since 1970-01-01', dateOf),
  Timestamp: whole('milliseconds', (units) => instantOf(units, 1_000n)),
  MicroTimestamp: whole('microseconds', (units) => instantOf(units, 1_000_000n)),
  NanoTimestamp: whole('nanoseconds', (units) => instantOf(units, 1_000_000_000n)),
  ZonedTimestamp: text(instantOfText),
  IsoTimestamp: text(instantOfText),
  IsoDate: text(dateOfText),
  Time: whole('milliseconds', (units) => timeOf(units, 1_000n)),
  MicroTime: whole('microseconds', (units) => timeOf(units, 1_000_000n)),
  NanoTime: whole('nanoseconds', (units) => timeOf(units, 1_000_000_000n)),
  ZonedTime: text(timeOfText),
  IsoTime: text(timeOfText),
  Year: whole('a year', (value) => ({ is: 'whole', value })),
  MicroDuration: whole('microseconds', (value) => ({ is: 'whole', value })),
  NanoDuration: whole('nanoseconds', (value) => ({ is: 'whole', value })),
  Interval: text((value) => ({ is: 'text', value })),
  Decimal: (value, { scale = '0' }) =>
    /^-?\d{1,2}$/.test(scale) ? preciseDecimal(value, Number(scale)) : wrong('a decimal with a scale'),
  VariableScaleDecimal: variableDecimal,
  DecimalText: decimalOfNumber,
  Bits: (value, { length = '64' }) => bits(value, Number(length)),
}

/** The type that a schema names; undefined where its literal type says everything. */
function typeNamed(name: string): Read | undefined {
  if (!name.startsWith('io.debezium.') && !name.startsWith('org.apache.kafka.connect.data.')) return undefined
  const last = name.slice(name.lastIndexOf('.') + 1)
  return isWireType(last) ? wireTypes[last] : undefined
}

export function isWireType(name: string): name is WireType {
  return Object.hasOwn(wireTypes, name)
}

/** What a value means by the schema that came with it. */
export function meaningBySchema(value: Json, { name, type, parameters }: FieldSchema): Meaning {
  if (value === null) return NOTHING
  const read =
    (name === undefined ? undefined : typeNamed(name)) ??
    (Object.hasOwn(literals, type) ? literals[type] : undefined) ??
    meaningOfJson
  return read(value, parameters)
}

const literals: Readonly<Record<string, Read>> = {
  ...Object.fromEntries(
    ['int8', 'int16', 'int32', 'int64'].map((type) => [
      type,
      whole('a whole number', (value) => ({ is: 'whole', value })),
    ]),
  ),
  float32: (value) => doubleOf(value),
  float64: (value) => doubleOf(value),
  boolean: (value) => (typeof value === 'boolean' ? { is: 'boolean', value } : wrong('true or false')),
}

/** What a value of JSON is by itself. */
export function meaningOfJson(value: Json): Meaning {
  if (value === null) return NOTHING
  if (typeof value === 'boolean') return { is: 'boolean', value }
  const number = wholeOf(value)
  if (number !== undefined) return { is: 'whole', value: number }
  if (typeof value === 'string') return { is: 'text', value }
  return typeof value === 'number' ? { is: 'double', value } : { is: 'text', value: jsonText(value) }
}

function whole(expected: string, read: (value: bigint) => Meaning): (value: Json) => Meaning {
  return (value) => {
    const number = wholeOf(value)
    return number === undefined || BigInt.asIntN(64, number) !== number
      ? wrong(expected === 'a whole number' ? expected : `${expected} as a whole number`)
      : read(number)
  }
}

function text(read: (value: string) => Meaning): (value: Json) => Meaning {
  return (value) => (typeof value === 'string' ? read(value) : wrong('text'))
}

/** Bits as base64, in bytes of which the first one has the lowest bits. */
function bits(value: Json, length: number): Meaning {
  const bytes = typeof value === 'string' ? base64Bytes(value) : undefined
  if (bytes === undefined) return wrong('bits as base64')
  const number = bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  return { is: 'bits', value: number, length: Math.min(length, bytes.length * 8) }
}
