import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import {
  columnBatch,
  ensureTable,
  MartletError,
  type ColumnInput,
  type ColumnType,
  type Warehouse,
} from '@martlet/warehouse'
import { isRecord } from '../predictions/is-record.ts'
import { missingColumns, predictionColumns } from '../predictions/prediction-line.ts'
import { shortened } from '../verdict/shown-value.ts'
import { plainColumns } from '../profile/derived-columns.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'

const ROWS_PER_BATCH = 10_000

interface LogColumn {
  readonly name: string
  readonly type: ColumnType
}

/**
 * Appends the lines of serving-log files to a table of the session and returns how many there were. Each gives its time and
 * every column of the profile and some keys, found on the line itself, in its `keys`, in its `values`, or
 * (`prediction…`) in its prediction.
 *
 * @throws MartletError LOG_LINE_INVALID when a line is not one of a serving log; the message has the file and the line
 */
export async function loadLog(
  warehouse: Warehouse,
  files: readonly string[],
  profile: ReferenceProfile,
  time: string,
  table: string,
  keys: readonly string[] = [],
): Promise<number> {
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
  let rows = 0
  let waiting: Record<string, unknown>[] = []
  const write = async (): Promise<void> => {
    if (waiting.length === 0) return
    rows += await warehouse.append(
      table,
      columnBatch(
        Object.fromEntries(
          columns.map(({ name, type }) => [
            name,
            columnOf(
              type,
              waiting.map((line) => (Object.hasOwn(line, name) ? line[name] : null)),
            ),
          ]),
        ),
      ),
    )
    waiting = []
  }
  for (const file of files) {
    let number = 0
    for await (const text of linesOf(file)) {
      number += 1
      if (text.trim() === '') continue
      const line = flatLine(text, { file, number, time })
      // What a roll-out's candidate predicted in shadow was never answered.
      if (line['role'] === 'shadow') continue
      waiting.push(line)
      if (waiting.length >= ROWS_PER_BATCH) await write()
    }
  }
  await write()
  return rows
}

interface Place {
  readonly file: string
  readonly number: number
  readonly time: string
}

function flatLine(text: string, place: Place): Record<string, unknown> {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch (cause) {
    throw invalidLine(place, 'it is not JSON', cause)
  }
  if (!isRecord(line)) throw invalidLine(place, 'it is not a JSON object')
  const instant = new Date(String(line[place.time]))
  if (Number.isNaN(instant.getTime())) {
    const found = shortened(JSON.stringify(line[place.time] ?? null))
    throw invalidLine(place, `its ${place.time} is ${found}, not an ISO 8601 instant`)
  }
  const nested = isRecord(line['values']) ? line['values'] : {}
  const keys = isRecord(line['keys']) ? line['keys'] : {}
  return {
    ...line,
    ...keys,
    ...nested,
    ...missingColumns(line['missing']),
    ...predictionColumns(line['prediction']),
    [place.time]: instant,
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file)
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes
  bytes.on('error', (error) => input.destroy(error))
  yield* createInterface({ input, crlfDelay: Infinity })
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

function dateOf(value: unknown): Date | null {
  if (value instanceof Date) return value
  const date = typeof value === 'string' || typeof value === 'number' ? new Date(value) : new Date(Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date
}

function invalidLine(place: Place, why: string, cause?: unknown): MartletError {
  const data = { file: place.file, line: place.number }
  return new MartletError(
    'LOG_LINE_INVALID',
    `${place.file}, line ${place.number}, is not a line of a serving log: ${why}. Remove it, or leave the file out.`,
    cause === undefined ? { data } : { data, cause },
  )
}
