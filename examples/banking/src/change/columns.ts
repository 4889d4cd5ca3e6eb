import { moneyBytes, moneyText } from '../bank/money.ts'
import type { TableName } from '../bank/rows.ts'

/** How a column is written: as Debezium's JSON says by default, and with `decimal.handling.mode=string`. */
type Kind = 'text' | 'int64' | 'date' | 'instant' | 'money'

/** The columns of each table as PostgreSQL has them. */
export const COLUMNS: { readonly [T in TableName]: Readonly<Record<string, Kind>> } = {
  customers: {
    customer_id: 'text',
    name: 'text',
    address: 'text',
    segment: 'text',
    transfer_limit: 'money',
    updated_at: 'instant',
  },
  accounts: {
    account_id: 'text',
    customer_id: 'text',
    kind: 'text',
    overdraft: 'money',
    status: 'text',
    opened_on: 'date',
    updated_at: 'instant',
  },
  transactions: {
    transaction_id: 'int64',
    account_id: 'text',
    sequence: 'int64',
    booked_at: 'instant',
    direction: 'text',
    amount: 'money',
    channel: 'text',
    counterparty: 'text',
    country: 'text',
    balance_after: 'money',
  },
  fraud_reports: { report_id: 'int64', transaction_id: 'int64', account_id: 'text', reported_at: 'instant' },
}

/** `TIMESTAMP` is microseconds as if UTC, `DATE` days since 1970: both are kept as such here already. */
export function columnValue(kind: Kind, value: string | number, decimals: 'precise' | 'string'): string | number {
  if (kind !== 'money' || typeof value !== 'number') return value
  return decimals === 'precise' ? moneyBytes(value) : moneyText(value)
}

const TYPES: Readonly<Record<Kind, object>> = {
  text: { type: 'string' },
  int64: { type: 'int64' },
  date: { type: 'int32', name: 'io.debezium.time.Date', version: 1 },
  instant: { type: 'int64', name: 'io.debezium.time.MicroTimestamp', version: 1 },
  money: {
    type: 'bytes',
    name: 'org.apache.kafka.connect.data.Decimal',
    version: 1,
    parameters: { scale: '2', 'connect.decimal.precision': '14' },
  },
}

/** The schema of a table's rows, as Kafka Connect's JSON converter writes it. */
export function rowFields(table: TableName): readonly object[] {
  return Object.entries(COLUMNS[table]).map(([field, kind]) => ({ ...TYPES[kind], optional: false, field }))
}
