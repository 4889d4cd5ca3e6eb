import { debezium, decimal, dimension, source } from '@martlet/feature-store'
import { z } from 'zod'
import { SEGMENTS } from '../src/bank/rows.ts'
import { originOf } from '../src/topics.ts'
import { account, accounts, customer, customers, fraudReports, transactions } from './mart.ts'

/** The customers as they are now; `dim_customer` has every version. */
export const customersNow = dimension('mart.customer_now', {
  columns: {
    customer_id: z.string(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    segment: z.enum(SEGMENTS).nullable(),
    transfer_limit: decimal(12, 2).nullable(),
  },
  entity: customer,
})

/** The accounts as they are now; `dim_account` has every version, also of those that were closed. */
export const accountsNow = dimension('mart.account_now', {
  columns: {
    account_id: z.string(),
    customer_id: z.string().nullable(),
    kind: z.enum(['current', 'savings']).nullable(),
    overdraft: decimal(12, 2).nullable(),
    status: z.enum(['open', 'blocked']).nullable(),
    opened_on: z.iso.date().nullable(),
  },
  entity: account,
})

/** Changes of customers, with schemas: amounts are base64. */
export const customerSource = source('customers', {
  ...originOf('customers'),
  into: customersNow,
  id: ['customer_id'],
  format: debezium({ history: customers }),
})

export const accountSource = source('accounts', {
  ...originOf('accounts'),
  into: accountsNow,
  id: ['account_id'],
  format: debezium({ history: accounts }),
})

/** Bookings, without schemas: what a value is, only its column says. */
export const transactionSource = source('transactions', {
  ...originOf('transactions'),
  into: transactions,
  id: ['transaction_id'],
  format: debezium({
    columns: { booked_at: 'MicroTimestamp', amount: 'DecimalText', balance_after: 'DecimalText' },
  }),
})

export const reportSource = source('fraud_reports', {
  ...originOf('fraud_reports'),
  into: fraudReports,
  id: ['report_id'],
  format: debezium({ columns: { reported_at: 'MicroTimestamp' } }),
})
