import { makeWorld, type World } from '../../src/generate/write-world.ts'

export interface JobRow {
  readonly id: string
  readonly type: string
  readonly created_at: Date | null
  readonly job_id: string | null
  readonly state: string | null
  readonly attempts: number | null
  readonly started_at: Date | null
  readonly ended_at: Date | null
}

export interface QualityRow {
  readonly table_name: string
  readonly check_name: string
  readonly severity: 'error' | 'warn'
  readonly passed: boolean
  readonly checked_at: Date
}

/** All that the views read. */
export interface SmallPlatform {
  readonly world: World
  readonly jobs: readonly JobRow[]
  readonly runs: readonly { readonly job_id: string; readonly attempt: number; readonly outcome: string | null }[]
  readonly artifacts: readonly { readonly job_id: string; readonly name: string; readonly bytes: number }[]
  readonly quality: readonly QualityRow[]
}

const END = Date.parse('2026-03-10T12:00:00Z')
const at = (minutes: number): Date => new Date(END + minutes * 60_000)

const job = (
  id: string,
  type: string,
  state: string | null,
  created: number | null,
  more: Partial<JobRow> = {},
): JobRow => ({
  id,
  type,
  state,
  created_at: created === null ? null : at(created),
  job_id: state === null || state === 'refused' ? null : `job-${id}`,
  attempts: state === null || state === 'refused' ? null : 1,
  started_at: null,
  ended_at: null,
  ...more,
})

const made = makeWorld({ seed: 5, customers: 40, days: 40, companyDays: 130, end: END })
/** One pipeline has not run for three days. */
const world: World = {
  ...made,
  runs: made.runs.filter((run) => run.pipeline !== 'exports' || run.ended_at < at(-3 * 1440)),
}

/** Two months of a small company, with jobs in all states and checks that were repeated. */
export const small: SmallPlatform = {
  world,
  jobs: [
    job('a', 'customer-report', 'succeeded', -60, { started_at: at(-59), ended_at: at(-57), attempts: 1 }),
    job('b', 'customer-report', 'succeeded', -3000, { started_at: at(-2990), ended_at: at(-2980), attempts: 3 }),
    job('c', 'customer-report', 'failed', -30, { started_at: at(-29), ended_at: at(-28), attempts: 2 }),
    job('d', 'customer-report', 'queued', -20, { attempts: 0 }),
    job('e', 'customer-report', null, null),
    job('f', 'customer-report', 'refused', -10, { ended_at: at(-9) }),
    job('g', 'executive-report', 'running', -5, { started_at: at(-4) }),
    job('h', 'executive-report', 'succeeded', -20_000, { started_at: at(-19_999), ended_at: at(-19_990) }),
    job('i', 'daily-usage', null, -3),
    job('j', 'status-report', 'cancelled', -8, { ended_at: at(3) }),
  ],
  runs: [
    { job_id: 'job-a', attempt: 1, outcome: 'succeeded' },
    { job_id: 'job-b', attempt: 1, outcome: 'lost' },
    { job_id: 'job-b', attempt: 2, outcome: 'lost' },
    { job_id: 'job-b', attempt: 3, outcome: 'succeeded' },
    { job_id: 'job-c', attempt: 1, outcome: 'retried' },
    { job_id: 'job-g', attempt: 1, outcome: null },
  ],
  artifacts: [
    { job_id: 'job-a', name: 'customer.html', bytes: 1200 },
    { job_id: 'job-a', name: 'customer.json', bytes: 300 },
    { job_id: 'job-h', name: 'executive.html', bytes: 5000 },
  ],
  quality: [
    { table_name: 'mart.fact_usage', check_name: 'one', severity: 'error', passed: false, checked_at: at(-500) },
    { table_name: 'mart.fact_usage', check_name: 'one', severity: 'error', passed: true, checked_at: at(-100) },
    { table_name: 'mart.fact_usage', check_name: 'two', severity: 'warn', passed: false, checked_at: at(-100) },
    { table_name: 'mart.fact_ticket', check_name: 'one', severity: 'error', passed: false, checked_at: at(-90) },
    { table_name: 'mart.fact_ticket', check_name: 'two', severity: 'error', passed: true, checked_at: at(-90) },
  ],
}
