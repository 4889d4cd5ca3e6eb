import type { ColumnType } from '@martlet/warehouse'
import { isRecord } from './is-record.ts'

/** What the log says about a view, or an on-demand feature, when a row was served. */
export type ServedFact = 'time' | 'withheld' | 'definition'

const TYPES: Readonly<Record<ServedFact, ColumnType>> = { time: 'timestamp', withheld: 'boolean', definition: 'text' }

/** The status of a value whose row was too old to be served. */
export const TOO_OLD = 'OUTSIDE_MAX_AGE'

/** The view of a field, or the on-demand feature that it is. */
export function viewOf(field: string): string {
  return field.split('__')[0] ?? field
}

/** The column of such a fact. No feature has a name of three parts. */
export function servedColumn(name: string, fact: ServedFact): string {
  return `served__${name}__${fact}`
}

/** The column of a value that the request brought for on-demand features. */
export function requestColumn(name: string): string {
  return `request__value__${name}`
}

/** The type of a column of {@link servedColumn}; undefined for any other. */
export function servedType(column: string): ColumnType | undefined {
  const [, fact] = /^served__.+__(time|withheld|definition)$/.exec(column) ?? []
  return fact === undefined ? undefined : TYPES[fact as ServedFact]
}

/** Whether a column is about how a row was served, or of its request: the model has not read it. */
export function isServedColumn(column: string): boolean {
  return servedType(column) !== undefined || column.startsWith(requestColumn(''))
}

/** Whether a column is called like a feature, `view__feature`; a key may be, too. */
export function isFeatureColumn(column: string): boolean {
  return /^(?!prediction__|key__).+__/i.test(column) && !isServedColumn(column)
}

/**
 * What a line says beside its values: the feature time of each view, whether its row was too old to be served, the definitions
 * that it was read by, and what the request brought.
 */
export function servedColumns(line: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const columns: Record<string, unknown> = {}
  for (const [view, read] of entriesOf(line['times']))
    if (isRecord(read)) columns[servedColumn(view, 'time')] = read['time']
  for (const [field, status] of entriesOf(line['missing']))
    if (status === TOO_OLD) columns[servedColumn(viewOf(field), 'withheld')] = true
  for (const [name, hash] of entriesOf(line['definitions'])) columns[servedColumn(name, 'definition')] = hash
  for (const [name, value] of entriesOf(line['request'])) columns[requestColumn(name)] = value
  return columns
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(value) ? Object.entries(value) : []
}
