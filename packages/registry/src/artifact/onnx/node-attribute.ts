import { bytesField, floatField, integerField, message, packedIntegers, textField } from '../../protobuf/wire-writer.ts'

/** AttributeProto.AttributeType */
const TYPES = { float: 1, integer: 2, text: 3, floats: 6, integers: 7, texts: 8 } as const

export function floatAttribute(name: string, value: number): Uint8Array {
  return attribute(name, 'float', floatField(2, value))
}

export function integerAttribute(name: string, value: number): Uint8Array {
  return attribute(name, 'integer', integerField(3, value))
}

export function textAttribute(name: string, value: string): Uint8Array {
  return attribute(name, 'text', textField(4, value))
}

/** A list of whole numbers that are not negative. */
export function integersAttribute(name: string, values: readonly number[]): Uint8Array {
  return attribute(name, 'integers', packedIntegers(8, values))
}

/** A list of float32. */
export function floatsAttribute(name: string, values: readonly number[]): Uint8Array {
  const raw = new Uint8Array(values.length * 4)
  const view = new DataView(raw.buffer)
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true)
  return attribute(name, 'floats', bytesField(7, raw))
}

/** A list of texts, of which few are different. */
export function textsAttribute(name: string, values: readonly string[]): Uint8Array {
  const encoded = new Map([...new Set(values)].map((value) => [value, textField(9, value)]))
  return attribute(name, 'texts', Buffer.concat(values.map((value) => encoded.get(value) ?? textField(9, value))))
}

function attribute(name: string, type: keyof typeof TYPES, value: Uint8Array): Uint8Array {
  return message(textField(1, name), value, integerField(20, TYPES[type]))
}
