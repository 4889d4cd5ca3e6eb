import { isUtf8 } from 'node:buffer'
import { endianness } from 'node:os'
import { bytesPerValue, dataOf, emptyData, type Datatype, type TensorData } from './datatypes.ts'
import { invalid } from './invalid.ts'

/** Binary tensors are little-endian. So is every platform that onnxruntime runs on; on another one each value would be turned. */
const SWAPPED = endianness() === 'BE'

/**
 * Reads a tensor from its bytes: row-major, without padding; each text after its length in four bytes.
 *
 * @param place the input, as `inputs[0]`
 * @throws Problem 400 when there are more or fewer bytes than the tensor has, or they are not values of its datatype
 */
export function readBinaryTensor(datatype: Datatype, bytes: Buffer, count: number, place: string): TensorData {
  if (datatype === 'BYTES') return readTexts(bytes, count, place)
  const width = bytesPerValue(datatype) ?? 1
  if (bytes.length !== count * width) {
    const has = `${count} values of ${datatype} have ${count * width} bytes`
    throw invalid(`${place}.parameters.binary_data_size`, `is ${bytes.length}, and ${has}`)
  }
  // A copy, because the values must be aligned and the body's memory is used again.
  const own = new Uint8Array(bytes)
  if (datatype === 'BOOL') checkBits(own, place)
  return dataOf(datatype, swapped(own, width).buffer)
}

/** The bytes of a tensor. */
export function binaryTensor(datatype: Datatype, data: ArrayLike<number | bigint | string>): Uint8Array<ArrayBuffer> {
  if (datatype === 'BYTES') return textBytes(data)
  const values = emptyData(datatype, data.length)
  if (Array.isArray(values)) return new Uint8Array(0)
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    for (let index = 0; index < data.length; index++) values[index] = BigInt(data[index] ?? 0)
  else for (let index = 0; index < data.length; index++) values[index] = Number(data[index])
  return swapped(new Uint8Array(values.buffer), values.BYTES_PER_ELEMENT)
}

/**
 * Text as the runtime takes it.
 *
 * @throws Problem 400 when the bytes are not UTF-8
 */
export function textOfBytes(bytes: Buffer, place: string): string {
  if (!isUtf8(bytes)) throw invalid(place, 'is not UTF-8')
  return bytes.toString('utf8')
}

function readTexts(bytes: Buffer, count: number, place: string): string[] {
  const texts: string[] = []
  let at = 0
  while (texts.length < count) {
    const value = `value ${texts.length} of ${place}`
    if (at + 4 > bytes.length) throw invalid(value, 'is missing: the binary data end before its length')
    const length = bytes.readUInt32LE(at)
    at += 4
    if (length > bytes.length - at)
      throw invalid(value, `has ${length} bytes, as it says, and the binary data end after ${bytes.length - at}`)
    texts.push(textOfBytes(bytes.subarray(at, at + length), value))
    at += length
  }
  if (at === bytes.length) return texts
  throw invalid(`${place}.parameters.binary_data_size`, `is ${bytes.length}, and its ${count} values end after ${at}`)
}

function textBytes(data: ArrayLike<number | bigint | string>): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = []
  for (let index = 0; index < data.length; index++) {
    const text = Buffer.from(String(data[index]))
    const length = Buffer.alloc(4)
    length.writeUInt32LE(text.length)
    parts.push(length, text)
  }
  return Buffer.concat(parts)
}

function checkBits(bytes: Uint8Array, place: string): void {
  const at = bytes.findIndex((byte) => byte > 1)
  if (at !== -1) throw invalid(`value ${at} of ${place}`, `must be 0 or 1 (BOOL), not ${bytes[at]}`)
}

function swapped(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  if (!SWAPPED || width === 1) return bytes
  const buffer = Buffer.from(bytes.buffer)
  if (width === 2) buffer.swap16()
  else if (width === 4) buffer.swap32()
  else buffer.swap64()
  return bytes
}
