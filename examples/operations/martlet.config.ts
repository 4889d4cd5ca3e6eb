import { defineConfig } from 'martlet'
import { everyPipeline } from './definitions/index.ts'
import { kinds } from './src/jobs/kinds.ts'
import { STATE } from './src/state-folder.ts'
import { daysBack } from './src/world-range.ts'

export default defineConfig({
  warehouse: { duckdb: `${STATE}/warehouse.duckdb`, memoryLimit: '2GB' },
  catalog: { sqlite: `${STATE}/catalog.sqlite` },
  online: { lmdb: `${STATE}/online` },
  artifacts: { folder: `${STATE}/artifacts` },
  reports: `${STATE}/reports`,
  definitions: () => import('./definitions/index.ts'),
  serving: { port: 8080, auth: 'none', jobs: true, log: { folder: `${STATE}/log` } },
  // Rows that are added to ops.jobs ask for jobs, and workers write there how all jobs are.
  jobs: { schema: 'ops', kinds, maxFailures: 2 },
  quality: {
    severity: {
      // Customers rest, queues are sampled on the hour, and the generated history ends abruptly.
      'ops.fact_run.gaps': 'off',
      'ops.fact_run.silent': 'off',
      'mart.fact_usage.silent': 'off',
      'mart.fact_ticket.silent': 'off',
      'mart.fact_ticket.gaps': 'off',
      'mart.fact_invoice.silent': 'off',
      'mart.fact_invoice.gaps': 'off',
    },
  },
  trainingSets: [
    {
      name: 'run_risk',
      service: 'run_risk',
      labels: ['fails_soon'],
      spine: everyPipeline(daysBack(90), daysBack(1)),
      time: 'at',
      asOf: daysBack(0),
      split: { at: [daysBack(25)], embargo: '1d' },
    },
  ],
  monitors: [
    { name: 'run_risk', service: 'run_risk', window: '7d', windows: 1 },
    { name: 'run_risk_asked', model: 'run_risk' },
  ],
  schedules: [
    {
      name: 'hourly',
      every: '1h',
      run: ['materialize', 'jobs run status-report --key status-{due}'],
    },
    {
      name: 'morning',
      every: '1d',
      at: '06:00',
      zone: 'Europe/Zurich',
      run: [
        ['jobs', 'run', 'daily-usage', '--arguments', '{"day":"{date-1d}"}', '--key', 'usage-{date-1d}'],
        'jobs run executive-report --key executive-{date}',
      ],
    },
  ],
})
