import { isAscii } from 'node:buffer'
import duckdb from '@duckdb/node-bindings'

// A string of up to 12 bytes is in its 16-byte cell after a 4-byte length; a longer one is at the address in byte 8.
const CELL = 16
const INLINE = 12

// Less than the smallest page: two strings this close have no other page between them, so all of it may be read.
const NEAR = 4096

/** Strings close to each other in DuckDB's memory, which are copied at once. */
interface Run {
  readonly cell: number
  readonly start: number
  end: number
  readonly rows: number[]
}

/** Copies strings out of DuckDB's memory: `rows` cells from byte `at` on; '' where null. */
export function decodeText(data: ArrayBufferLike, at: number, rows: number, nulls: Uint8Array | null): string[] {
  const cells = Buffer.from(data, at, rows * CELL)
  const latin1 = cells.toString('latin1')
  const values = Array.from<string>({ length: rows }).fill('')
  let run: Run | undefined
  for (let row = 0; row < rows; row++) {
    if (nulls !== null && nulls[row] === 1) continue
    const cell = row * CELL
    const length = cells.readUInt32LE(cell)
    if (length <= INLINE) {
      values[row] = decodeInline(cells, latin1, cell + 4, cell + 4 + length)
      continue
    }
    const start = pointerAt(cells, cell)
    if (run === undefined || start < run.start || start >= run.end + NEAR) {
      if (run !== undefined) decodeRun(data, at, cells, run, values)
      run = { cell, start, end: start, rows: [] }
    }
    run.rows.push(row)
    run.end = Math.max(run.end, start + length)
  }
  if (run !== undefined) decodeRun(data, at, cells, run, values)
  return values
}

function decodeInline(cells: Buffer, latin1: string, start: number, end: number): string {
  for (let byte = start; byte < end; byte++) if ((cells[byte] ?? 0) > 127) return cells.toString('utf8', start, end)
  return latin1.slice(start, end)
}

function decodeRun(data: ArrayBufferLike, at: number, cells: Buffer, run: Run, values: string[]): void {
  if (!(data instanceof ArrayBuffer)) throw new TypeError('DuckDB string data is not an ArrayBuffer')
  const { buffer, byteOffset, byteLength } = duckdb.get_data_from_pointer(data, at + run.cell + 8, run.end - run.start)
  const bytes = Buffer.from(buffer, byteOffset, byteLength)
  const text = isAscii(bytes) ? bytes.toString('latin1') : undefined
  for (const row of run.rows) {
    const start = pointerAt(cells, row * CELL) - run.start
    const end = start + cells.readUInt32LE(row * CELL)
    values[row] = text === undefined ? bytes.toString('utf8', start, end) : text.slice(start, end)
  }
}

// Addresses have 48 bits, which a double holds exactly.
function pointerAt(cells: Buffer, cell: number): number {
  return cells.readUInt32LE(cell + 8) + cells.readUInt32LE(cell + 12) * 2 ** 32
}
