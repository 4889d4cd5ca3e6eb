import duckdb from '@duckdb/node-bindings'

const utf8 = new TextDecoder()

// A string of up to 12 bytes lies in its 16-byte cell behind a 4-byte length; a longer one behind a pointer at byte 8.
const CELL = 16
const INLINE = 12

/** Copies strings out of DuckDB's memory: `rows` cells from byte `at` on; '' where null. */
export function decodeText(data: ArrayBufferLike, at: number, rows: number, nulls: Uint8Array | null): string[] {
  const bytes = new Uint8Array(data)
  const view = new DataView(data)
  const values: string[] = Array.from({ length: rows }, () => '')
  for (let row = 0; row < rows; row++) {
    if (nulls !== null && nulls[row] === 1) continue
    const cell = at + row * CELL
    const length = view.getUint32(cell, true)
    values[row] = length <= INLINE ? decodeInline(bytes, cell + 4, length) : decodeFar(data, cell + 8, length)
  }
  return values
}

function decodeInline(bytes: Uint8Array, start: number, length: number): string {
  let text = ''
  for (let at = start; at < start + length; at++) {
    const byte = bytes[at] ?? 0
    if (byte > 127) return utf8.decode(bytes.subarray(start, start + length))
    text += String.fromCharCode(byte)
  }
  return text
}

function decodeFar(data: ArrayBufferLike, pointer: number, length: number): string {
  if (!(data instanceof ArrayBuffer)) throw new TypeError('DuckDB string data is not an ArrayBuffer')
  return utf8.decode(duckdb.get_data_from_pointer(data, pointer, length))
}
