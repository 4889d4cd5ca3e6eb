import { MartletError } from '@martlet/warehouse'
import { isRecord } from './is-record.ts'
import { servedColumns } from './served-columns.ts'

/** A line of the prediction log, with its values by the names of their columns. */
export interface PredictionLine {
  /** Microseconds since the epoch. */
  readonly at: bigint
  readonly requestId: string | null
  readonly row: number | null
  readonly version: number | null
  readonly service: string | null
  readonly rollout: string | null
  readonly role: string | null
  readonly keys: Readonly<Record<string, unknown>>
  readonly predictions: Readonly<Record<string, unknown>>
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * What a line of the prediction log says.
 *
 * @throws MartletError LOG_LINE_INVALID when it is not one; the message says why, without values of the line
 */
export function predictionLine(line: Readonly<Record<string, unknown>>): PredictionLine {
  const values = isRecord(line['values']) ? line['values'] : {}
  return {
    at: instantOf(line['time']),
    requestId: textOf(line['requestId']),
    row: wholeOf(line['row']),
    version: wholeOf(line['version']),
    service: textOf(line['service']),
    rollout: textOf(line['rollout']),
    role: textOf(line['role']),
    keys: required(line, 'keys'),
    predictions: predictionColumns(required(line, 'prediction')),
    values: { ...values, ...missingColumns(line['missing']), ...servedColumns(line) },
  }
}

/** What was missing is null, also where the model was given a default. */
export function missingColumns(statuses: unknown): Record<string, unknown> {
  return isRecord(statuses) ? Object.fromEntries(Object.keys(statuses).map((name) => [name, null])) : {}
}

/** The column of the first output with one column. */
export const PREDICTION = 'prediction'

/** Lists in lists that an output may have; one that is deeper is no value of a column. */
const MOST_NESTED = 64

/**
 * A model's outputs as columns: each is `prediction__<output>`, or `prediction__<output>__<i>` when it has several columns; the
 * first output with one column is also `prediction`.
 */
export function predictionColumns(prediction: unknown): Record<string, unknown> {
  if (!isRecord(prediction)) return { [PREDICTION]: prediction }
  const outputs = Object.entries(prediction)
  const flat = outputs.flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value)
      ? value.flat(MOST_NESTED).map((cell, index) => [`prediction__${name}__${index}`, cell])
      : [[`prediction__${name}`, value]],
  )
  const single = outputs.find(([, value]) => !Array.isArray(value))
  return { ...Object.fromEntries(flat), [PREDICTION]: single?.[1] ?? null }
}

/**
 * A line as JSON.
 *
 * @throws MartletError LOG_LINE_INVALID when it is no object of JSON
 */
export function recordOf(text: string): Record<string, unknown> {
  let line: unknown
  try {
    // Doubles do not hold whole numbers of 16 digits and more; keys of such numbers keep them as text.
    line = /\d{16}/.test(text) ? JSON.parse(text, exact) : JSON.parse(text)
  } catch (cause) {
    throw invalid('it is not JSON', cause)
  }
  if (!isRecord(line)) throw invalid('it is not a JSON object')
  return line
}

function exact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(context.source) ? value : BigInt(context.source)
}

/** The day and the time of an instant in UTC, and the digits behind the second. */
const INSTANT = /^((?:\d{4}|[+-]\d{6})-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?Z$/

/** Microseconds since the epoch of an instant of ISO 8601 in UTC; undefined for anything else. */
export function instantMicros(time: unknown): bigint | undefined {
  const [, day = '', clock = '', digits = ''] = (typeof time === 'string' ? INSTANT.exec(time) : null) ?? []
  const seconds = Number.isNaN(midnightOf(day)) ? Number.NaN : Date.parse(`${day}T${clock}Z`)
  if (Number.isNaN(seconds)) return undefined
  return BigInt(seconds) * 1000n + BigInt(digits.slice(0, 6).padEnd(6, '0'))
}

/** Milliseconds since the epoch at the start of a day, `2026-01-10`; NaN for one that its month does not have. */
export function midnightOf(day: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  return new Date(midnight).getUTCDate() === Number(day.slice(-2)) ? midnight : Number.NaN
}

function instantOf(time: unknown): bigint {
  const micros = instantMicros(time)
  if (micros === undefined) throw invalid('its time is not an ISO 8601 instant in UTC')
  return micros
}

function required(line: Readonly<Record<string, unknown>>, field: string): Record<string, unknown> {
  const found = line[field]
  if (isRecord(found)) return found
  throw invalid(`it has no object \`${field}\``)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function wholeOf(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null
}

/** What a line is not, without its values. */
export function invalid(why: string, cause?: unknown): MartletError {
  return new MartletError('LOG_LINE_INVALID', why, cause === undefined ? {} : { cause })
}
