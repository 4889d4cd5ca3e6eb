import { caseWhen, decimal, dimension, entity, fact } from '@martlet/feature-store'
import { z } from 'zod'

export const pipeline = entity('pipeline', { pipeline: z.string() })
export const queue = entity('queue', { queue: z.string() })
export const customer = entity('customer', { customer_id: z.string() })

/** Rows of every hour, served five minutes later. */
export const hourly = { every: '1h', delay: '5m', ttl: '6h', repair: '2h' } as const
/** Rows of every day, for what people look at in the morning. */
export const daily = { every: '1d', delay: '1h', ttl: '3d' } as const

export const pipelines = dimension('ops.dim_pipeline', {
  columns: {
    pipeline: z.string(),
    queue: z.string(),
    owner: z.string(),
    writes: z.string(),
    every_minutes: z.int().positive(),
    fresh_minutes: z.int().positive(),
    valid_from: z.date(),
  },
  entity: pipeline,
  validFrom: 'valid_from',
  checks: (c) => ({ one_row_per_pipeline: c.unique('pipeline', { severity: 'error' }) }),
})

/** Runs, known from their end. */
export const runs = fact('ops.fact_run', {
  columns: {
    run_id: z.string(),
    pipeline: z.string(),
    started_at: z.date(),
    ended_at: z.date(),
    waited_seconds: z.number().nonnegative(),
    seconds: z.number().nonnegative(),
    rows_written: z.int().nonnegative(),
    bytes_written: z.int().nonnegative(),
    failed: z.boolean(),
  },
  entities: [pipeline],
  eventTime: 'ended_at',
  sequence: 'run_id',
  checks: (c) => ({
    one_row_per_run: c.unique('run_id', { severity: 'error' }),
    pipeline_known: c.relationship(pipelines, { pipeline: 'pipeline' }, { severity: 'error' }),
    ends_after_it_starts: c.rows((r) => r.ended_at.ge(r.started_at), { severity: 'error' }),
    failed_runs_write_nothing: c.rows((r) => r.failed.not().or(r.rows_written.eq(0))),
  }),
}).with((r) => ({
  failures: caseWhen(r.failed, 1).otherwise(0),
  good_seconds: caseWhen(r.failed.not(), r.seconds).otherwise(null),
  good_rows: caseWhen(r.failed.not(), r.rows_written).otherwise(null),
}))

/** How long the queues were. */
export const queues = fact('ops.fact_queue', {
  columns: {
    queue: z.string(),
    sampled_at: z.date(),
    waiting: z.int().nonnegative(),
    running: z.int().nonnegative(),
  },
  entities: [queue],
  eventTime: 'sampled_at',
})

export const customers = dimension('mart.dim_customer', {
  columns: {
    customer_id: z.string(),
    name: z.string(),
    segment: z.string(),
    region: z.string(),
    signed_up_at: z.date(),
  },
  entity: customer,
  validFrom: 'signed_up_at',
  checks: (c) => ({ one_row_per_customer: c.unique('customer_id', { severity: 'error' }) }),
})

export const usage = fact('mart.fact_usage', {
  columns: {
    customer_id: z.string(),
    used_at: z.date(),
    calls: z.int().nonnegative(),
    active_users: z.int().nonnegative(),
  },
  entities: [customer],
  eventTime: 'used_at',
  checks: (c) => ({
    one_row_a_day: c.unique(['customer_id', 'used_at'], { severity: 'error' }),
    customer_known: c.relationship(customers, { customer_id: 'customer_id' }, { severity: 'error' }),
  }),
})

export const tickets = fact('mart.fact_ticket', {
  columns: {
    ticket_id: z.string(),
    customer_id: z.string(),
    opened_at: z.date(),
    severity: z.enum(['low', 'normal', 'urgent']),
    answered_at: z.date().nullable(),
    closed_at: z.date().nullable(),
    satisfaction: z.int().min(1).max(5).nullable(),
  },
  entities: [customer],
  eventTime: 'opened_at',
  sequence: 'ticket_id',
  checks: (c) => ({
    one_row_per_ticket: c.unique('ticket_id', { severity: 'error' }),
    answered_after_opened: c.rows((r) => r.answered_at.ge(r.opened_at)),
  }),
})

export const invoices = fact('mart.fact_invoice', {
  columns: {
    invoice_id: z.string(),
    customer_id: z.string(),
    issued_at: z.date(),
    due_at: z.date(),
    amount: decimal(12, 2),
    paid_at: z.date().nullable(),
  },
  entities: [customer],
  eventTime: 'issued_at',
  sequence: 'invoice_id',
  checks: (c) => ({
    one_row_per_invoice: c.unique('invoice_id', { severity: 'error' }),
    due_after_issued: c.rows((r) => r.due_at.gt(r.issued_at), { severity: 'error' }),
  }),
})
