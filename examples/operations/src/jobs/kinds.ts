import { jobKind } from 'martlet'
import { z } from 'zod'

/** What can be asked of the platform. What does the work is loaded by workers only. */
export const kinds = {
  'daily-usage': jobKind({
    description: 'Computes the rows of one day of mart.daily_usage again',
    input: z.strictObject({ day: z.iso.date() }),
    priority: 10,
    run: async (job) => ({ ...(await (await import('./daily-usage.ts')).dailyUsage(job)) }),
  }),
  'status-report': jobKind({
    description: 'How the platform is, as Markdown and JSON',
    input: z.strictObject({}),
    priority: 5,
    run: async (job) => ({ ...(await (await import('./status-report.ts')).statusReport(job)) }),
  }),
  'executive-report': jobKind({
    description: 'The figures of the month, as HTML, Markdown and JSON',
    input: z.strictObject({}),
    run: async (job) => ({ ...(await (await import('./executive-report.ts')).executiveReport(job)) }),
  }),
  'customer-report': jobKind({
    description: 'All about one customer, as HTML and JSON',
    input: z.strictObject({ customer_id: z.string().regex(/^C\d{4}$/) }),
    run: async (job) => ({ ...(await (await import('./customer-report.ts')).customerReport(job)) }),
  }),
}
