import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api'
import { isDecimalVector, type ColumnBatch, type ColumnVector } from '../column.ts'
import { columnDecoder } from './vector-decoder.ts'
import type { ColumnDecoder } from './vector-decoder.ts'

/** Gathers the chunks of one result into batches. Chunk memory belongs to DuckDB, so everything is copied. */
export class BatchReader {
  readonly #names: readonly string[]
  readonly #decoders: readonly ColumnDecoder[]
  readonly #reused: readonly (Float64Array | undefined)[]
  #pieces: ColumnVector[][]
  #rows = 0

  /** @param reusedRows when above 0, a batch has one piece of at most so many rows, and its doubles are overwritten by the next */
  constructor(names: readonly string[], types: readonly DuckDBType[], reusedRows = 0) {
    this.#names = names
    this.#reused = types.map(() => (reusedRows > 0 ? new Float64Array(reusedRows) : undefined))
    this.#decoders = types.map((type, index) => columnDecoder(index, names[index] ?? '', type))
    this.#pieces = names.map(() => [])
  }

  get rows(): number {
    return this.#rows
  }

  push(chunk: DuckDBDataChunk, from: number = 0, to: number = chunk.rowCount): void {
    this.#decoders.forEach((decode, index) => this.#pieces[index]?.push(decode(chunk, from, to, this.#reused[index])))
    this.#rows += to - from
  }

  /** The rows since the last call as one batch. */
  take(): ColumnBatch {
    const columns = this.#pieces.map((pieces, index) => joinPieces(pieces, this.#decoders[index]))
    const batch = { rows: this.#rows, names: this.#names, columns }
    this.#pieces = this.#names.map(() => [])
    this.#rows = 0
    return batch
  }
}

function joinPieces(pieces: readonly ColumnVector[], decode: ColumnDecoder | undefined): ColumnVector {
  const [first] = pieces
  if (first === undefined) {
    if (decode === undefined) throw new RangeError('a result column has no decoder')
    return decode(null, 0, 0)
  }
  if (pieces.length === 1) return first
  const rows = pieces.reduce((sum, piece) => sum + piece.values.length, 0)
  const nulls = joinNulls(pieces, rows)
  if (isDecimalVector(first))
    return { ...first, values: pieces.flatMap((piece) => (isDecimalVector(piece) ? piece.values : [])), nulls }
  switch (first.type) {
    case 'text':
      return { type: 'text', values: pieces.flatMap((piece) => (piece.type === 'text' ? piece.values : [])), nulls }
    case 'boolean':
      return {
        type: 'boolean',
        values: join(
          pieces.flatMap((piece) => (piece.type === 'boolean' ? [piece.values] : [])),
          new Uint8Array(rows),
        ),
        nulls,
      }
    case 'double':
      return {
        type: 'double',
        values: join(
          pieces.flatMap((piece) => (piece.type === 'double' ? [piece.values] : [])),
          new Float64Array(rows),
        ),
        nulls,
      }
    case 'integer':
    case 'date': {
      const values = pieces.flatMap((piece) =>
        piece.type === 'integer' || piece.type === 'date' ? [piece.values] : [],
      )
      return { type: first.type, values: join(values, new Int32Array(rows)), nulls }
    }
    case 'bigint':
    case 'timestamp':
      break
  }
  const values = pieces.flatMap((piece) =>
    piece.type === 'bigint' || piece.type === 'timestamp' ? [piece.values] : [],
  )
  return { type: first.type, values: join(values, new BigInt64Array(rows)), nulls }
}

function join<A extends { readonly length: number; set(values: A, offset: number): void }>(
  pieces: readonly A[],
  into: A,
): A {
  let offset = 0
  for (const piece of pieces) {
    into.set(piece, offset)
    offset += piece.length
  }
  return into
}

function joinNulls(pieces: readonly ColumnVector[], rows: number): Uint8Array | null {
  if (pieces.every((piece) => piece.nulls === null)) return null
  const nulls = new Uint8Array(rows)
  let offset = 0
  for (const piece of pieces) {
    if (piece.nulls !== null) nulls.set(piece.nulls, offset)
    offset += piece.values.length
  }
  return nulls
}
