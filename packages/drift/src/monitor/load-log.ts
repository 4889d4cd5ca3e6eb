import { basename } from 'node:path'
import { columnBatch, ensureTable, type ColumnInput, type ColumnType, type Warehouse } from '@martlet/warehouse'
import { isRecord } from '../predictions/is-record.ts'
import { blocksOf, MOST_BYTES } from '../predictions/log-lines.ts'
import { midnightOf, missingColumns, predictionColumns } from '../predictions/prediction-line.ts'
import { RejectedLines } from '../predictions/rejected-lines.ts'
import { plainColumns } from '../profile/derived-columns.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'

const ROWS_PER_BATCH = 10_000

interface LogColumn {
  readonly name: string
  readonly type: ColumnType
}

/**
 * Appends the lines of serving-log files to a table of the session and returns those that are none of a prediction. Each line
 * gives its time and every column of the profile and some keys, found on the line itself, in its `keys`, in its `values`, or
 * (`prediction…`) in its prediction.
 */
export async function loadLog(
  warehouse: Warehouse,
  files: readonly string[],
  profile: ReferenceProfile,
  time: string,
  table: string,
  keys: readonly string[] = [],
): Promise<RejectedLines> {
  const columns: readonly LogColumn[] = [
    { name: time, type: 'timestamp' },
    ...plainColumns(profile.columns)
      .filter(({ name }) => name !== time)
      .map((column) => ({ name: column.name, type: loggedType(column) })),
    ...keys
      .filter((name) => name !== time && profile.columns.every((column) => column.name !== name))
      .map((name) => ({ name, type: 'text' as const })),
  ]
  await ensureTable(warehouse, { table, columns, temporary: true })
  const rejected = new RejectedLines()
  for (const file of files) {
    let read = 0
    try {
      for await (const { bytes, starts, ends, numbers, read: until } of blocksOf(file, {
        skip: 0,
        batch: ROWS_PER_BATCH,
      })) {
        const lines: Record<string, unknown>[] = []
        for (const [index, start] of starts.entries()) {
          const place = { file: basename(file), line: numbers[index] ?? 0 }
          const line = start < 0 ? TOO_LONG : flatLine(bytes.toString('utf8', start, ends[index]), time)
          if (line === null) continue
          if (typeof line === 'string') rejected.add({ ...place, reason: line })
          else {
            rejected.passed(line.instant)
            // What a roll-out's candidate predicted in shadow was never answered.
            if (line.cells['role'] !== 'shadow') lines.push(line.cells)
          }
        }
        read = until
        await append(warehouse, table, columns, lines)
      }
    } catch (error) {
      if (!isBroken(error)) throw error
      rejected.add({ file: basename(file), line: read + 1, reason: `the file is broken behind it (${error.message})` })
    }
  }
  return rejected
}

const TOO_LONG = `it is longer than ${MOST_BYTES / 1024 / 1024} MiB`

async function append(
  warehouse: Warehouse,
  table: string,
  columns: readonly LogColumn[],
  lines: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  if (lines.length === 0) return
  const inputs = columns.map(({ name, type }) => [
    name,
    columnOf(
      type,
      lines.map((line) => (Object.hasOwn(line, name) ? line[name] : null)),
    ),
  ])
  await warehouse.append(table, columnBatch(Object.fromEntries(inputs)))
}

interface FlatLine {
  readonly instant: Date
  readonly cells: Record<string, unknown>
}

/** The cells of a line, or why it is none of a prediction, without its values; null when it is empty. */
function flatLine(text: string, time: string): FlatLine | string | null {
  if (text.trim() === '') return null
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  if (!isRecord(line)) return 'it is not a JSON object'
  const instant = dateOf(String(line[time]))
  if (instant === null) return `its ${time} is not an ISO 8601 instant`
  const nested = isRecord(line['values']) ? line['values'] : {}
  const keys = isRecord(line['keys']) ? line['keys'] : {}
  const cells = {
    ...line,
    ...keys,
    ...nested,
    ...missingColumns(line['missing']),
    ...predictionColumns(line['prediction']),
    [time]: instant,
  }
  return { instant, cells }
}

/** Whether a compressed file ends too early, or was damaged. */
function isBroken(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

/**
 * The type that a column of the profile is loaded as. JSON numbers are doubles; codes stay whole numbers, because the reference
 * counted `7` and a double may be printed as `7.0`. A value of another kind is loaded as null, so a change of type shows as nulls.
 */
function loggedType({ type, kind }: Pick<ColumnProfile, 'type' | 'kind'>): ColumnType {
  if (kind === 'category' && (type === 'integer' || type === 'bigint')) return 'bigint'
  return type === 'text' || type === 'boolean' || type === 'timestamp' || type === 'date' ? type : 'double'
}

function columnOf(type: ColumnType, values: readonly unknown[]): ColumnInput {
  switch (type) {
    case 'boolean':
      return { type, values: values.map((value) => (typeof value === 'boolean' ? value : null)) }
    case 'bigint':
      return { type, values: values.map(wholeOf) }
    case 'text':
      return { type, values: values.map(textOf) }
    case 'timestamp':
    case 'date':
      return { type, values: values.map(dateOf) }
    default:
      return { type: 'double', values: values.map(numberOf) }
  }
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isNaN(number) && value !== 'NaN' ? null : number
}

function wholeOf(value: unknown): number | null {
  const number = numberOf(value)
  return Number.isSafeInteger(number) ? number : null
}

/** The day that a text begins with. */
const DAY = /^(?:\d{4}|[+-]\d{6})-\d\d-\d\d/

/** A Date takes 30 February for 2 March. */
function dateOf(value: unknown): Date | null {
  if (typeof value !== 'string' && typeof value !== 'number') return value instanceof Date ? value : null
  const date = new Date(value)
  const day = DAY.exec(String(value))?.[0]
  return Number.isNaN(date.getTime()) || (day !== undefined && Number.isNaN(midnightOf(day))) ? null : date
}
