import { MartletError, type ColumnBatch, type ColumnSpec, type ColumnType, type ColumnVector } from '@martlet/warehouse'
import { MOST_BYTES, type LineBlock } from './log-lines.ts'
import { hasShape, shapeOf, type LineShape } from './line-shape.ts'
import { LineTokens } from './line-tokens.ts'
import { lenientColumn, predictionColumn, type PredictionColumn } from './prediction-column.ts'
import { predictionLine, recordOf, type PredictionLine } from './prediction-line.ts'
import { cellsOf, misfit, newColumns, readerOf, type Cell, type Cells } from './prediction-rows.ts'
import { isOwnColumn } from './prediction-tables.ts'

/** Bytes of the shapes that a reader remembers; lines of others are read the slow way. */
const MOST_SHAPE_BYTES = 8 * 1024 * 1024

/** What a block of lines brings: rows for all columns of its table, and lines that are no predictions. */
export interface PredictionBlock {
  readonly batch: ColumnBatch
  /** The columns of the table, those that the block adds at the end. */
  readonly columns: readonly ColumnSpec[]
  readonly added: readonly ColumnSpec[]
  /** The columns of the block's keys. */
  readonly keys: readonly string[]
  readonly rejected: readonly { readonly line: number; readonly reason: string }[]
}

/**
 * Reads lines of the prediction log into columns. Lines of a known shape are only compared with it, and their values go
 * from bytes into columns; the first of each shape, and whatever is unusual, is parsed.
 */
export class PredictionReader {
  readonly #declared: ReadonlyMap<string, ColumnType>
  readonly #specs: ColumnSpec[]
  /** How many of them the table has. */
  #known: number
  readonly #columns = new Map<string, PredictionColumn>()
  /** The columns that lines had as keys, also those that have no value yet. */
  readonly #keys = new Set<string>()
  readonly #shapes = new Map<number, KnownShape>()
  /** That of the last line: the next one mostly has it, too. */
  #last: KnownShape | undefined
  readonly #line = new LineTokens()
  #shapeBytes = 0

  /** A reader for a table with some columns; `declared` are the types of columns that it may get. */
  constructor(columns: readonly ColumnSpec[], declared: ReadonlyMap<string, ColumnType>) {
    this.#declared = declared
    this.#specs = [...columns]
    this.#known = columns.length
    for (const spec of columns) this.#columns.set(spec.name.toLowerCase(), columnFor(spec))
  }

  /** The block's batch is valid until the next one is read. */
  read(file: string, block: LineBlock): PredictionBlock {
    const { bytes, starts, ends, numbers } = block
    for (const column of this.#columns.values()) column.reserve(starts.length)
    const rejected: { readonly line: number; readonly reason: string }[] = []
    const lines: number[] = []
    starts.forEach((start, index) => {
      const [end, line] = [ends[index] ?? start, numbers[index] ?? 0]
      if (start < 0) rejected.push({ line, reason: `it is longer than ${MOST_BYTES / 1024 / 1024} MiB` })
      else if (this.#quick(bytes, start, end, lines.length)) lines.push(line)
      else {
        const text = bytes.toString('utf8', start, end)
        if (text.trim() === '') return
        const reason = this.#slow(text, lines.length, starts.length)
        if (reason === undefined) lines.push(line)
        else rejected.push({ line, reason })
      }
    })
    const rows = lines.length
    const keys = [...this.#columns].flatMap(([folded, column]) =>
      this.#keys.has(folded) && column.hasValues(rows) ? [column.name] : [],
    )
    return {
      batch: this.#batch(file, lines),
      columns: [...this.#specs],
      added: this.#specs.slice(this.#known),
      keys,
      rejected,
    }
  }

  /** The table has the columns that blocks have added until now. */
  added(): void {
    this.#known = this.#specs.length
  }

  /** Whether the line was of a known shape and all its values fitted. */
  #quick(bytes: Buffer, start: number, end: number, row: number): boolean {
    const line = this.#line
    let known = this.#last
    if (known === undefined || !line.scanAs(bytes, start, end, known.shape)) {
      if (!line.scan(bytes, start, end)) return false
      known = this.#shapes.get(line.hash)
      if (known === undefined || !hasShape(line, known.shape)) return false
      this.#last = known
    }
    for (const place of known.places) {
      if (place.is !== undefined && line.value(place.token) !== place.is) continue
      place.column ??= this.#columns.get(place.folded)
      if (place.is !== undefined && place.column !== undefined) {
        place.column.set(row, true)
        continue
      }
      if (place.column?.put(row, line, place.token) ?? line.isNull(place.token)) continue
      this.#clear(row)
      return false
    }
    return true
  }

  /** Reads a line as JSON; the reason when it is none of a prediction. */
  #slow(text: string, row: number, rows: number): string | undefined {
    let parsed: Record<string, unknown>
    let line: PredictionLine
    let cells: Cells
    try {
      parsed = recordOf(text)
      line = predictionLine(parsed)
      cells = cellsOf(line)
    } catch (error) {
      if (error instanceof MartletError) return error.message
      throw error
    }
    const added = newColumns(cells, (folded) => this.#columns.has(folded), this.#declared)
    const stored: (readonly [string, unknown])[] = []
    for (const spec of [...this.#specs, ...added]) {
      const value = isOwnColumn(spec.name) ? undefined : cells.get(spec.name.toLowerCase())?.value
      if (value === null || value === undefined) continue
      const read = readerOf(spec.type)(value)
      if (read === undefined) return misfit(spec, value)
      stored.push([spec.name.toLowerCase(), read])
    }
    for (const spec of added) this.#add(spec, rows)
    for (const [name, value] of [...stored, ...ownCells(line)]) this.#columns.get(name)?.set(row, value)
    this.#remember(parsed, cells)
    return undefined
  }

  #add(spec: ColumnSpec, rows: number): void {
    const column = predictionColumn(spec)
    column.reserve(rows)
    this.#specs.push(spec)
    this.#columns.set(spec.name.toLowerCase(), column)
  }

  /** Keeps the shape of a line that was read the slow way, and which columns are keys. */
  #remember(parsed: Readonly<Record<string, unknown>>, cells: ReadonlyMap<string, Cell>): void {
    for (const [folded, { isKey }] of cells) if (isKey) this.#keys.add(folded)
    const line = this.#line
    const bytes = this.#shapeBytes + line.end - line.start
    if (!line.isScanned || bytes > MOST_SHAPE_BYTES || this.#shapes.has(line.hash)) return
    const shape = shapeOf(line, parsed)
    if (shape === undefined) return
    this.#shapeBytes = bytes
    const places = shape.slots.map(({ token, name, is }) => ({
      token,
      folded: name.toLowerCase(),
      is,
      column: undefined,
    }))
    this.#shapes.set(line.hash, { shape, places })
  }

  #clear(row: number): void {
    for (const column of this.#columns.values()) column.clear(row)
  }

  #batch(file: string, lines: readonly number[]): ColumnBatch {
    const rows = lines.length
    const vectors = this.#specs.map(({ name }): ColumnVector => {
      if (name === 'log_file') return { type: 'text', values: lines.map(() => file), nulls: null }
      if (name === 'log_line') return { type: 'bigint', values: BigInt64Array.from(lines, BigInt), nulls: null }
      const column = this.#columns.get(name.toLowerCase())
      if (column === undefined) throw new Error(`${name} has no values`)
      return column.vector(rows)
    })
    return { rows, names: this.#specs.map(({ name }) => name), columns: vectors }
  }
}

interface KnownShape {
  readonly shape: LineShape
  readonly places: readonly Place[]
}

/** A value of a shape on its way to its column, which may come later than the shape. */
interface Place {
  readonly token: number
  readonly folded: string
  readonly is: string | undefined
  column: PredictionColumn | undefined
}

function columnFor(spec: ColumnSpec): PredictionColumn {
  return isOwnColumn(spec.name) ? lenientColumn(spec) : predictionColumn(spec)
}

function ownCells({
  at,
  requestId,
  row,
  version,
  service,
  rollout,
  role,
}: PredictionLine): readonly (readonly [string, unknown])[] {
  const cells: readonly (readonly [string, unknown])[] = [
    ['predicted_at', at],
    ['request_id', requestId],
    ['request_row', row],
    ['model_version', version],
    ['service', service],
    ['rollout', rollout],
    ['role', role],
  ]
  return cells.filter(([, value]) => value !== null)
}
