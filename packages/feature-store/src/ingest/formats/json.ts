import type { IngestPlan } from '../../plan/ingest-plan.ts'
import type { SourceColumn } from '../../plan/source-plan.ts'
import { isExpectedValue, valueReader } from '../../on-demand/request-value.ts'
import type { Value } from '../../vocabulary/algebra/value.ts'
import { eventId, rejectedId } from '../event-id.ts'
import type { EventReader, ReadEvent, Reason } from '../event-reader.ts'
import { parseExact } from '../exact-json.ts'
import { utcText } from '../utc-text.ts'
import type { FormatKind } from './format-kind.ts'

export interface JsonFormat {
  readonly kind: 'json'
}

/**
 * Events are JSON objects with the columns of the fact as fields; other fields are kept in the raw row and mean nothing.
 *
 * @example source('payments', { into: payments, id: ['payment_id'], format: json() })
 */
export function json(): JsonFormat {
  return { kind: 'json' }
}

export const jsonFormat: FormatKind<JsonFormat> = {
  kind: 'json',
  refuses({ into }) {
    return into.kind === 'fact' ? undefined : `json() brings rows of a fact, and '${into.table}' is a ${into.kind}`
  },
  reader: (plan) => jsonReader(plan),
}

interface Field extends Pick<SourceColumn, 'name'> {
  readonly read: ReturnType<typeof valueReader> | undefined
}

/** Reads events that are JSON objects, or values of a row by the names of its columns. */
function jsonReader(plan: IngestPlan): EventReader {
  const row = rowReader(plan)
  const exact = new Set(
    plan.into.columns.filter(({ type }) => type === 'bigint' || typeof type === 'object').map(({ name }) => name),
  )
  return {
    read({ body }, arrived) {
      let parsed: unknown
      try {
        parsed = parseExact(utf8.decode(body), exact)
      } catch {
        return rejected(body, [{ path: '', message: 'it is not JSON in UTF-8' }])
      }
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
        return rejected(body, [{ path: '', message: 'it must be a JSON object' }])
      return row(parsed, arrived, body)
    },
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function rejected(body: Uint8Array, reasons: readonly Reason[]): ReadEvent {
  return { id: rejectedId(body), reasons }
}

/** As values of requests are read, and also instants of any offset, and whole numbers as their digits. */
function eventValueReader(column: SourceColumn): ReturnType<typeof valueReader> {
  const read = valueReader(column)
  if (column.type === 'timestamp') return (given) => read(typeof given === 'string' ? utcText(given) : given)
  if (column.type !== 'bigint') return read
  return (given) => read(typeof given === 'string' && DIGITS.test(given) ? BigInt(given) : given)
}

const DIGITS = /^-?\d{1,19}$/

/**
 * Compiles the check of an object against the columns of a source's fact: typed values, or every reason why not.
 * The function takes the object, when it came (µs) and the bytes that it came as.
 */
export function rowReader(plan: IngestPlan): (row: object, arrived: bigint, body: Uint8Array) => ReadEvent {
  const { columns } = plan.into
  const fields: readonly Field[] = columns.map((column) => ({
    name: column.name,
    read: column.name === plan.arrived ? undefined : eventValueReader(column),
  }))
  const places = plan.id.map((name) => columns.findIndex((column) => column.name === name))
  const types = places.map((place) => columns[place]?.type ?? 'text')
  const time = columns.findIndex(({ name }) => plan.into.kind === 'fact' && name === plan.into.eventTime)
  return (row, arrived, body) => {
    const values: Value[] = []
    let reasons: Reason[] | undefined
    for (const { name, read } of fields) {
      if (read === undefined) {
        values.push(arrived)
        continue
      }
      const given: unknown = Object.hasOwn(row, name) ? Reflect.get(row, name) : undefined
      const value = read(given)
      if (!isExpectedValue(value)) values.push(value)
      else {
        const missing = given === undefined || given === null ? 'is missing; it ' : ''
        ;(reasons ??= []).push({ path: name, message: `${name} ${missing}must be ${value.expected}` })
      }
    }
    if (reasons !== undefined) return rejected(body, reasons)
    const happened = values[time]
    const id = eventId(
      places.map((place) => values[place] ?? null),
      types,
    )
    return { id, event: { values, time: typeof happened === 'bigint' ? happened : arrived } }
  }
}
