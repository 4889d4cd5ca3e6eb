import { DuckDBTypeId } from '@duckdb/node-api'
import type { DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { Refused } from './tokens.ts'

export interface ResultColumn {
  readonly name: string
  readonly type: string
  readonly precision: number | null
  readonly scale: number | null
  readonly nullable: boolean
}

export interface Answer {
  readonly columns: readonly ResultColumn[]
  /** Turned into text when they are asked for. */
  readonly parts: readonly ResultPart[]
  readonly statementTypeId: number
  /** Where the SDK is to copy files from and to. */
  readonly transfer?: Readonly<Record<string, unknown>>
}

export interface ResultPart {
  readonly rows: number
  readonly texts: () => readonly (readonly (string | null)[])[]
}

const CHANGES = {
  insert: [0x3100, 'number of rows inserted'],
  update: [0x3200, 'number of rows updated'],
  delete: [0x3300, 'number of rows deleted'],
  merge: [0x3400, 'number of rows inserted'],
} as const

export function changeAnswer(kind: keyof typeof CHANGES, rows: number): Answer {
  const [statementTypeId, name] = CHANGES[kind]
  return {
    columns: [{ name, type: 'fixed', precision: 19, scale: 0, nullable: false }],
    parts: [oneCell(String(rows))],
    statementTypeId,
  }
}

export function done(): Answer {
  return {
    columns: [{ name: 'status', type: 'text', precision: null, scale: null, nullable: true }],
    parts: [oneCell('Statement executed successfully.')],
    statementTypeId: 0x6000,
  }
}

function oneCell(text: string): ResultPart {
  return { rows: 1, texts: () => [[text]] }
}

export async function queryAnswer(result: DuckDBResult): Promise<Answer> {
  const types = result.columnTypes()
  const columns = result.columnNames().map((name, index) => resultColumn(name, types[index]!))
  const parts = (await result.fetchAllChunks()).map((chunk) => ({
    rows: chunk.rowCount,
    texts: () => chunk.getRows().map((row) => row.map(cellText)),
  }))
  return { columns, parts, statementTypeId: 0x1000 }
}

export function resultColumn(name: string, type: DuckDBType): ResultColumn {
  const fixed = (precision: number, scale = 0) => ({ name, type: 'fixed', precision, scale, nullable: true })
  const plain = (kind: string, scale: number | null = null) => ({
    name,
    type: kind,
    precision: null,
    scale,
    nullable: true,
  })
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return plain('boolean')
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
      return fixed(10)
    case DuckDBTypeId.BIGINT:
      return fixed(19)
    case DuckDBTypeId.HUGEINT:
      return fixed(38)
    case DuckDBTypeId.DECIMAL:
      return 'width' in type && 'scale' in type ? fixed(type.width, type.scale) : fixed(38)
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.FLOAT:
      return plain('real')
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.SQLNULL:
      return plain('text')
    case DuckDBTypeId.DATE:
      return plain('date')
    case DuckDBTypeId.TIMESTAMP:
      return plain('timestamp_ntz', 6)
    default:
      throw new Refused(`a result column of type ${type.toString()}`)
  }
}

function cellText(value: DuckDBValue): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'object' && 'days' in value && 'isFinite' in value) return String(value.days)
  if (typeof value === 'object' && 'micros' in value && typeof value.micros === 'bigint')
    return secondsText(value.micros)
  return String(value)
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf'
}

function secondsText(micros: bigint): string {
  const size = micros < 0n ? -micros : micros
  return `${micros < 0n ? '-' : ''}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, '0')}000`
}
