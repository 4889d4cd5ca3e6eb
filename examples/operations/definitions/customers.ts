import { featureService, featureView } from '@martlet/feature-store'
import { customer, customers, daily, invoices, tickets, usage } from './sources.ts'

/** How much a customer uses the service. */
export const customerUsage = featureView('customer_usage', {
  description: 'Calls and active users of a customer over rolling windows',
  of: customer,
  from: usage,
  population: customers,
  ...daily,
  features: (f) => ({
    calls: f.sum('calls').over('7d', '28d'),
    calls_before: f.sum('calls').over('28d').shift('28d'),
    users: f.mean('active_users').over('7d', '28d'),
    days_since_use: f.age().where((r) => r.calls.gt(0)),
  }),
  derive: (v) => ({ usage_trend: v.calls_28d.div(v.calls_before_28d).sub(1) }),
})

/** What a customer asks. */
export const customerTickets = featureView('customer_tickets', {
  description: 'Tickets of a customer over rolling windows',
  of: customer,
  from: tickets,
  population: customers,
  ...daily,
  features: (f) => ({
    tickets: f.count().over('7d', '28d', '90d'),
    urgent: f
      .count()
      .where((r) => r.severity.eq('urgent'))
      .over('28d'),
  }),
})

/** What a customer is invoiced. */
export const customerInvoices = featureView('customer_invoices', {
  description: 'Invoices of a customer over rolling windows',
  of: customer,
  from: invoices,
  population: customers,
  ...daily,
  features: (f) => ({ invoiced: f.sum('amount').over('90d'), invoices: f.count().over('90d') }),
})

/** What the account manager sees of a customer. */
export const customerHealth = featureService('customer_health', [customerUsage, customerTickets, customerInvoices], {
  owner: 'sales',
})
