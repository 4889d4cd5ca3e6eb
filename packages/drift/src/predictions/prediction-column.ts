import { columnBatch, type ColumnInput, type ColumnSpec, type ColumnType, type ColumnVector } from '@martlet/warehouse'
import { TOKEN, type LineTokens } from './line-tokens.ts'
import { instantMicros, midnightOf } from './prediction-line.ts'
import { readerOf } from './prediction-rows.ts'

/** The values of one column of a block of lines, null where a line has none. */
export abstract class PredictionColumn {
  readonly name: string
  protected nulls: Uint8Array = new Uint8Array(0)

  constructor(name: string) {
    this.name = name
  }

  /** Makes room for so many rows, all null. */
  reserve(rows: number): void {
    if (this.nulls.length < rows) {
      this.nulls = new Uint8Array(rows)
      this.grow(rows)
    }
    this.nulls.fill(1)
  }

  clear(row: number): void {
    this.nulls[row] = 1
  }

  /** Takes a value of a line; false when it is none of the column's. */
  put(row: number, line: LineTokens, token: number): boolean {
    if (line.kinds[token] === TOKEN.null) return true
    if (!this.take(row, line, token)) return false
    this.nulls[row] = 0
    return true
  }

  /** Takes a value that {@link readerOf} has read. */
  set(row: number, value: unknown): void {
    this.store(row, value)
    this.nulls[row] = 0
  }

  vector(rows: number): ColumnVector {
    const nulls = this.nulls.subarray(0, rows)
    return this.values(rows, nulls.includes(1) ? nulls : null)
  }

  hasValues(rows: number): boolean {
    return this.nulls.subarray(0, rows).includes(0)
  }

  protected abstract grow(rows: number): void
  protected abstract take(row: number, line: LineTokens, token: number): boolean
  protected abstract store(row: number, value: unknown): void
  protected abstract values(rows: number, nulls: Uint8Array | null): ColumnVector
}

/** A column for values of a type. */
export function predictionColumn({ name, type }: Pick<ColumnSpec, 'name' | 'type'>): PredictionColumn {
  switch (type) {
    case 'double':
      return new Doubles(name)
    case 'bigint':
      return new Wholes(name)
    case 'text':
      return new Texts(name)
    case 'timestamp':
      return new Instants(name)
    default:
      return new Others(name, type)
  }
}

/** A column of every table: its field may be anything, and is null where it is not of the type. */
export function lenientColumn({ name, type }: Pick<ColumnSpec, 'name' | 'type'>): PredictionColumn {
  if (type === 'timestamp') return new RequiredInstants(name)
  return type === 'bigint' ? new LenientWholes(name) : new LenientTexts(name)
}

class Doubles extends PredictionColumn {
  #values = new Float64Array(0)

  protected grow(rows: number): void {
    this.#values = new Float64Array(rows)
  }

  protected take(row: number, line: LineTokens, token: number): boolean {
    const kind = line.kinds[token]
    if (kind === TOKEN.number) this.#values[row] = line.numbers[token] ?? 0
    else if (kind === TOKEN.digits) this.#values[row] = Number(line.value(token))
    else return false
    return true
  }

  protected store(row: number, value: unknown): void {
    this.#values[row] = Number(value)
  }

  protected values(rows: number, nulls: Uint8Array | null): ColumnVector {
    return { type: 'double', values: this.#values.subarray(0, rows), nulls }
  }
}

class Wholes extends PredictionColumn {
  readonly #read = readerOf('bigint')
  #values = new BigInt64Array(0)

  protected grow(rows: number): void {
    this.#values = new BigInt64Array(rows)
  }

  protected take(row: number, line: LineTokens, token: number): boolean {
    const number = line.numbers[token] ?? 0
    if (line.kinds[token] === TOKEN.number && Number.isSafeInteger(number)) this.#values[row] = BigInt(number)
    else {
      const whole = this.#read(line.value(token))
      if (typeof whole !== 'bigint') return false
      this.#values[row] = whole
    }
    return true
  }

  protected store(row: number, value: unknown): void {
    if (typeof value === 'bigint' || typeof value === 'number') this.#values[row] = BigInt(value)
  }

  protected values(rows: number, nulls: Uint8Array | null): ColumnVector {
    return { type: 'bigint', values: this.#values.subarray(0, rows), nulls }
  }
}

class LenientWholes extends Wholes {
  override put(row: number, line: LineTokens, token: number): boolean {
    const isWhole = Number.isSafeInteger(line.value(token))
    return isWhole ? super.put(row, line, token) : true
  }
}

class Texts extends PredictionColumn {
  #values: string[] = []
  /** Where the text of the row before is: services and roles come again and again. */
  #bytes: Buffer | null = null
  #from = 0
  #length = -1
  #text = ''

  protected grow(rows: number): void {
    this.#values = Array.from({ length: rows }, () => '')
  }

  override reserve(rows: number): void {
    super.reserve(rows)
    this.#values.fill('')
    this.#bytes = null
    this.#length = -1
  }

  protected take(row: number, line: LineTokens, token: number): boolean {
    const kind = line.kinds[token]
    if (kind !== TOKEN.plain && kind !== TOKEN.text) return false
    this.#values[row] = kind === TOKEN.plain ? this.#plain(line, token) : line.text(token)
    return true
  }

  protected store(row: number, value: unknown): void {
    this.#values[row] = String(value)
  }

  protected values(rows: number, nulls: Uint8Array | null): ColumnVector {
    return { type: 'text', values: this.#values.slice(0, rows), nulls }
  }

  #plain(line: LineTokens, token: number): string {
    const from = line.starts[token] ?? 0
    const length = (line.ends[token] ?? 0) - from
    if (
      this.#bytes === line.bytes &&
      length === this.#length &&
      isSame(line.bytes, from, line.bytes, this.#from, length)
    )
      return this.#text
    this.#bytes = line.bytes
    this.#from = from
    this.#length = length
    this.#text = line.text(token)
    return this.#text
  }
}

class LenientTexts extends Texts {
  override put(row: number, line: LineTokens, token: number): boolean {
    const kind = line.kinds[token]
    return kind === TOKEN.plain || kind === TOKEN.text ? super.put(row, line, token) : true
  }
}

function isSame(a: Buffer, fromA: number, b: Buffer, fromB: number, length: number): boolean {
  for (let at = length - 1; at >= 0; at--) if (a[fromA + at] !== b[fromB + at]) return false
  return true
}

/** The bytes of an instant as servers write it, `2026-01-10T06:00:00.123Z`, with its quotes; 0 is any digit. */
const INSTANT = Buffer.from('"0000-00-00T00:00:00.000Z"')
const DAY_BYTES = 10

class Instants extends PredictionColumn {
  #values = new BigInt64Array(0)
  /** The day of the instant before, and its midnight in milliseconds. */
  readonly #day = Buffer.alloc(DAY_BYTES)
  #midnight = Number.NaN

  protected grow(rows: number): void {
    this.#values = new BigInt64Array(rows)
  }

  protected take(row: number, line: LineTokens, token: number): boolean {
    const kind = line.kinds[token]
    if (kind !== TOKEN.plain && kind !== TOKEN.text) return false
    const millis = this.#millis(line.bytes, line.starts[token] ?? 0, line.ends[token] ?? 0)
    const micros = Number.isNaN(millis) ? instantMicros(line.text(token)) : BigInt(millis) * 1000n
    if (micros === undefined) return false
    this.#values[row] = micros
    return true
  }

  protected store(row: number, value: unknown): void {
    if (typeof value === 'bigint') this.#values[row] = value
  }

  protected values(rows: number, nulls: Uint8Array | null): ColumnVector {
    return { type: 'timestamp', values: this.#values.subarray(0, rows), nulls }
  }

  /** Milliseconds since the epoch; NaN where it is written in another way. */
  #millis(bytes: Buffer, from: number, to: number): number {
    if (to - from !== INSTANT.length) return Number.NaN
    for (let at = 0; at < INSTANT.length; at++) {
      const byte = bytes[from + at] ?? 0
      if (INSTANT[at] === 48 ? byte < 48 || byte > 57 : byte !== INSTANT[at]) return Number.NaN
    }
    const [hours, minutes, seconds] = [two(bytes, from + 12), two(bytes, from + 15), two(bytes, from + 18)]
    if (hours > 23 || minutes > 59 || seconds > 59) return Number.NaN
    if (!isSame(bytes, from + 1, this.#day, 0, DAY_BYTES)) {
      bytes.copy(this.#day, 0, from + 1, from + 1 + DAY_BYTES)
      this.#midnight = midnightOf(this.#day.toString('latin1'))
    }
    const millis = two(bytes, from + 21) * 10 + (bytes[from + 23] ?? 0) - 48
    return this.#midnight + ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis
  }
}

/** A line without its time is none. */
class RequiredInstants extends Instants {
  override put(row: number, line: LineTokens, token: number): boolean {
    return !line.isNull(token) && super.put(row, line, token)
  }
}

function two(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) - 48) * 10 + (bytes[at + 1] ?? 0) - 48
}

/** Booleans, dates, decimals and whole numbers of 32 bits. */
class Others extends PredictionColumn {
  readonly #type: ColumnType
  readonly #read: (value: unknown) => unknown
  #values: unknown[] = []

  constructor(name: string, type: ColumnType) {
    super(name)
    this.#type = type
    this.#read = readerOf(type)
  }

  protected grow(rows: number): void {
    this.#values = Array.from({ length: rows })
  }

  protected take(row: number, line: LineTokens, token: number): boolean {
    const value = this.#read(line.value(token))
    this.#values[row] = value
    return value !== undefined
  }

  protected store(row: number, value: unknown): void {
    this.#values[row] = value
  }

  protected values(rows: number, nulls: Uint8Array | null): ColumnVector {
    const present = Array.from({ length: rows }, (_, row) => (nulls?.[row] === 1 ? null : this.#values[row]))
    const { columns } = columnBatch({ [this.name]: { type: this.#type, values: present } as ColumnInput })
    const [vector] = columns
    if (vector === undefined) throw new Error(`${this.name} has no values`)
    return vector
  }
}
