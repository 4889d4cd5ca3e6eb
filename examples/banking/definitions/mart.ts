import { decimal, dimension, entity, fact } from '@martlet/feature-store'
import { z } from 'zod'
import { CHANNELS, SEGMENTS } from '../src/bank/rows.ts'

export const customer = entity('customer', { customer_id: z.string() })
export const account = entity('account', { account_id: z.string() })
export const counterparty = entity('counterparty', { counterparty: z.string() })
/** An account and somebody whom it pays. */
export const relation = entity('relation', { account_id: z.string(), counterparty: z.string() })
export const transaction = entity('transaction', { transaction_id: z.int() })

export const customers = dimension('mart.dim_customer', {
  columns: {
    customer_id: z.string(),
    name: z.string().nullable(),
    address: z.string().nullable(),
    segment: z.enum(SEGMENTS).nullable(),
    transfer_limit: decimal(12, 2).nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  checks: (c) => ({
    one_row_at_a_time: c.unique(['customer_id', 'valid_from'], { severity: 'error' }),
    interval_plausible: c.rows((r) => r.valid_to.gt(r.valid_from), { severity: 'error' }),
    one_row_now: c.sql(
      `SELECT customer_id, COUNT(*) AS open_rows FROM mart.dim_customer WHERE valid_to IS NULL
       GROUP BY customer_id HAVING COUNT(*) > 1`,
      { severity: 'error' },
    ),
    limit_positive: c.rows((r) => r.transfer_limit.gt(0)),
  }),
})

export const accounts = dimension('mart.dim_account', {
  columns: {
    account_id: z.string(),
    customer_id: z.string().nullable(),
    kind: z.enum(['current', 'savings']).nullable(),
    overdraft: decimal(12, 2).nullable(),
    status: z.enum(['open', 'blocked']).nullable(),
    opened_on: z.iso.date().nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: account,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  checks: (c) => ({
    one_row_at_a_time: c.unique(['account_id', 'valid_from'], { severity: 'error' }),
    interval_plausible: c.rows((r) => r.valid_to.gt(r.valid_from), { severity: 'error' }),
    holder_known: c.relationship(customers, { customer_id: 'customer_id' }, { asOf: 'valid_from', severity: 'error' }),
  }),
})

/** Every booking of every account. */
export const transactions = fact('mart.fact_transactions', {
  columns: {
    transaction_id: z.int(),
    account_id: z.string(),
    sequence: z.int().positive(),
    booked_at: z.date(),
    direction: z.enum(['in', 'out']),
    amount: decimal(12, 2),
    channel: z.enum(CHANNELS),
    counterparty: z.string(),
    country: z.string().length(2),
    balance_after: decimal(14, 2),
  },
  entities: [transaction, account, counterparty, relation],
  eventTime: 'booked_at',
  sequence: 'sequence',
  checks: (c) => ({
    one_row_per_booking: c.unique('transaction_id', { severity: 'error' }),
    one_place_in_the_account: c.unique(['account_id', 'sequence'], { severity: 'error' }),
    account_known: c.relationship(accounts, { account_id: 'account_id' }, { asOf: 'booked_at', severity: 'error' }),
    amount_positive: c.rows((r) => r.amount.gt(0), { severity: 'error' }),
    nothing_missing: c.sql(
      `SELECT account_id, MAX(sequence) - COUNT(*) AS missing FROM mart.fact_transactions
       GROUP BY account_id HAVING MAX(sequence) <> COUNT(*)`,
      { severity: 'error' },
    ),
    balances_reconcile: c.sql(
      `SELECT account_id, sequence, balance_after, running FROM mart.running_balance WHERE running <> balance_after`,
      { severity: 'error' },
    ),
    balance_within_overdraft: c.sql(
      `SELECT t.transaction_id, t.account_id, t.balance_after, a.overdraft
       FROM mart.fact_transactions AS t
       JOIN mart.dim_account AS a ON a.account_id = t.account_id
         AND t.booked_at >= a.valid_from AND (a.valid_to IS NULL OR t.booked_at < a.valid_to)
       WHERE t.balance_after < -a.overdraft`,
      { severity: 'error' },
    ),
    recent: c.sql(
      `SELECT newest FROM (SELECT MAX(booked_at) AS newest FROM mart.fact_transactions) AS t
       WHERE newest < CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP) - INTERVAL '1' DAY`,
    ),
  }),
})

export const fraudReports = fact('mart.fact_fraud_report', {
  columns: {
    report_id: z.int(),
    transaction_id: z.int(),
    account_id: z.string(),
    reported_at: z.date(),
  },
  entities: [transaction, account],
  eventTime: 'reported_at',
  checks: (c) => ({
    one_row_per_report: c.unique('report_id', { severity: 'error' }),
    transaction_known: c.relationship(transactions, { transaction_id: 'transaction_id' }, { severity: 'error' }),
  }),
})

/** What changed of a customer when: every version in `dim_customer` but the first. */
export const customerChanges = fact('mart.fact_customer_change', {
  columns: {
    customer_id: z.string(),
    changed_at: z.date(),
    address_changed: z.boolean(),
    limit_raised: z.boolean(),
    segment_changed: z.boolean(),
    limit_factor: z.number().nullable(),
  },
  entities: [customer],
  eventTime: 'changed_at',
})
