import { MartletError, nearestName } from '@martlet/warehouse'
import type { RequestColumn } from '../plan/on-demand-plan.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import { isExpectedValue, valueReader, type RequestValue } from './request-value.ts'

/** What the requests of a read bring: one object per key, in order. */
export type RequestRow = Readonly<Record<string, RequestValue>>

/**
 * Compiles the reading of a service's request values: of each row the values in the order of the columns.
 *
 * The function throws BAD_REQUEST_VALUE when rows are missing, or a value cannot be used; the message names the row
 * and the value.
 */
export function requestRows(
  service: string,
  columns: readonly RequestColumn[],
): (given: readonly RequestRow[] | undefined, rows: number) => readonly (readonly Value[])[] {
  const readers = columns.map((column) => ({ name: column.name, read: valueReader(column) }))
  const names = columns.map(({ name }) => name)
  return (given, rows) => {
    const requests = given ?? Array.from({ length: rows }, (): RequestRow => ({}))
    if (requests.length !== rows)
      throw bad(
        `Service ${service} is asked for ${rows} keys, and request has ${requests.length} rows. Give one per key.`,
        {
          rows,
          given: requests.length,
        },
      )
    return requests.map((request, row) => {
      if (typeof request !== 'object' || request === null)
        throw bad(`Row ${row} of request must be an object with ${names.join(', ')}.`, { row })
      for (const name in request) {
        if (names.includes(name)) continue
        const near = nearestName(name, names)
        const hint = near === undefined ? `it has ${names.join(', ') || 'none'}` : `did you mean '${near}'?`
        throw bad(`Row ${row} of request: service ${service} has no value '${name}'; ${hint}.`, { row, value: name })
      }
      return readers.map(({ name, read }) => {
        const value = read(request[name])
        if (!isExpectedValue(value)) return value
        const missing = request[name] === undefined || request[name] === null ? 'is missing; it' : ''
        throw bad(`Row ${row} of request: ${[name, missing].join(' ').trim()} must be ${value.expected}.`, {
          row,
          value: name,
        })
      })
    })
  }
}

function bad(message: string, data: Readonly<Record<string, unknown>>): MartletError {
  return new MartletError('BAD_REQUEST_VALUE', message, { data })
}
