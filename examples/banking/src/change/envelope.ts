import type { Change } from '../bank/database.ts'
import { KEYS, type TableName } from '../bank/rows.ts'
import { COLUMNS, columnValue, rowFields } from './columns.ts'

/** A record as a connector writes it to a topic. A value of null is a tombstone. */
export interface ChangeMessage {
  readonly table: TableName
  readonly key: string
  readonly value: string | null
  /** When the connector wrote it, microseconds. */
  readonly at: number
  readonly lsn: number
}

/** How a topic is written; one connector differs from another. */
export interface TopicStyle {
  /** `schemas.enable`: schema and payload in every record. */
  readonly schemas: boolean
  readonly decimals: 'precise' | 'string'
  /** What `before` has: the whole row (`REPLICA IDENTITY FULL`), or of deletes the key only. */
  readonly identity: 'full' | 'default'
}

/** Customers and accounts come from a connector with schemas, transactions and reports from one without. */
export const STYLES: { readonly [T in TableName]: TopicStyle } = {
  customers: { schemas: true, decimals: 'precise', identity: 'full' },
  accounts: { schemas: true, decimals: 'precise', identity: 'default' },
  transactions: { schemas: false, decimals: 'string', identity: 'default' },
  fraud_reports: { schemas: false, decimals: 'string', identity: 'default' },
}

/** The connector is this far behind the database, microseconds: between 50 and 450 ms. */
const behind = (lsn: number): number => 50_000 + (lsn % 400) * 1000

/** The records of a change, in Debezium's envelope: one, and after a deletion its tombstone. */
export function messagesOf(change: Change, style: TopicStyle = STYLES[change.table]): readonly ChangeMessage[] {
  const { table, op, at, lsn } = change
  const row = change.after ?? change.before
  const keyColumn = KEYS[table]
  const keyed = { [keyColumn]: (row as unknown as Record<string, unknown>)[keyColumn] }
  const sent = at + behind(lsn)
  const before =
    style.identity === 'full' ? rowOf(table, change.before, style) : op === 'd' ? bareKey(table, keyed) : null
  const payload = {
    before,
    after: rowOf(table, change.after, style),
    source: sourceOf(change),
    transaction: null,
    op,
    ts_ms: Math.floor(sent / 1000),
    ts_us: sent,
    ts_ns: 0,
  }
  // Nanoseconds are beyond 2^53, so they are written digit by digit.
  const text = (value: object): string => JSON.stringify(value).replaceAll('"ts_ns":0', `"ts_ns":${sent}000`)
  const topic = `bank.public.${table}`
  const key = JSON.stringify(style.schemas ? { schema: keySchema(table, topic), payload: keyed } : keyed)
  const value = text(style.schemas ? { schema: envelopeSchema(table, topic), payload } : payload)
  const record = { table, key, value, at: sent, lsn }
  return op === 'd' ? [record, { ...record, value: null }] : [record]
}

function sourceOf({ table, at, lsn, transaction, op, last }: Change): object {
  return {
    version: '3.6.0.Final',
    connector: 'postgresql',
    name: 'bank',
    ts_ms: Math.floor(at / 1000),
    snapshot: op !== 'r' ? 'false' : last === true ? 'last' : 'true',
    db: 'bank',
    sequence: JSON.stringify([String(lsn - 8), String(lsn)]),
    ts_us: at,
    schema: 'public',
    table,
    txId: transaction,
    lsn,
    xmin: null,
  }
}

function rowOf(table: TableName, row: Change['after'], { decimals }: TopicStyle): object | null {
  if (row === null) return null
  const values = row as unknown as Readonly<Record<string, string | number>>
  return Object.fromEntries(
    Object.entries(COLUMNS[table]).map(([name, kind]) => [name, columnValue(kind, values[name] ?? '', decimals)]),
  )
}

/** What PostgreSQL has of a deleted row without REPLICA IDENTITY FULL: the key, and defaults in the columns that are not null. */
function bareKey(table: TableName, key: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(COLUMNS[table]).map(([name, kind]) => [
      name,
      key[name] ?? (kind === 'text' ? '' : kind === 'money' ? 'AA==' : 0),
    ]),
  )
}

const schemas = new Map<string, object>()

function envelopeSchema(table: TableName, topic: string): object {
  const known = schemas.get(topic)
  if (known !== undefined) return known
  const row = { type: 'struct', fields: rowFields(table), optional: true, name: `${topic}.Value` }
  const text = { type: 'string', optional: false }
  const int64 = { type: 'int64', optional: true }
  const source = {
    type: 'struct',
    fields: [
      ...['version', 'connector', 'name'].map((field) => ({ ...text, field })),
      { ...int64, optional: false, field: 'ts_ms' },
      { type: 'string', optional: true, field: 'snapshot' },
      { ...text, field: 'db' },
      { type: 'string', optional: true, field: 'sequence' },
      { ...int64, field: 'ts_us' },
      ...['schema', 'table'].map((field) => ({ ...text, field })),
      ...['txId', 'lsn', 'xmin'].map((field) => ({ ...int64, field })),
    ],
    optional: false,
    name: 'io.debezium.connector.postgresql.Source',
    field: 'source',
  }
  const made = {
    type: 'struct',
    fields: [
      { ...row, field: 'before' },
      { ...row, field: 'after' },
      source,
      { type: 'struct', fields: [], optional: true, name: 'event.block', version: 1, field: 'transaction' },
      { ...text, field: 'op' },
      ...['ts_ms', 'ts_us', 'ts_ns'].map((field) => ({ ...int64, field })),
    ],
    optional: false,
    name: `${topic}.Envelope`,
    version: 2,
  }
  schemas.set(topic, made)
  return made
}

function keySchema(table: TableName, topic: string): object {
  const fields = rowFields(table).filter((field) => 'field' in field && field.field === KEYS[table])
  return { type: 'struct', fields, optional: false, name: `${topic}.Key` }
}
