const encoder = new TextEncoder()

/** A protobuf message made of encoded fields, in order. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, field) => sum + field.length, 0))
  let at = 0
  for (const field of fields) {
    whole.set(field, at)
    at += field.length
  }
  return whole
}

/** A field that holds bytes or a nested message. With another length, the payload is the part of it that comes first. */
export function bytesField(number: number, payload: Uint8Array, length: number = payload.length): Uint8Array {
  return message(varint((BigInt(number) << 3n) | 2n), varint(BigInt(length)), payload)
}

export function textField(number: number, value: string): Uint8Array {
  return bytesField(number, encoder.encode(value))
}

/** An int64 field; negative numbers take ten bytes, as protobuf requires. */
export function integerField(number: number, value: number | bigint): Uint8Array {
  return message(varint(BigInt(number) << 3n), varint(BigInt.asUintN(64, BigInt(value))))
}

/** A float32 field. */
export function floatField(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5)
  bytes[0] = (number << 3) | 5
  new DataView(bytes.buffer).setFloat32(1, value, true)
  return bytes
}

/** A field that holds a list of whole numbers from 0 to 2^31 - 1, packed. */
export function packedIntegers(number: number, values: readonly number[]): Uint8Array {
  const bytes: number[] = []
  for (const value of values) {
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest)
  }
  return bytesField(number, Uint8Array.from(bytes))
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
