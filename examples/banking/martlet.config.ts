import process from 'node:process'
import { defineConfig } from 'martlet'
import { everyPayment } from './definitions/index.ts'
import { STATE } from './src/state-folder.ts'
import { BROKERS } from './src/topics.ts'
import { daysBack, UNTIL } from './src/world-range.ts'

export default defineConfig({
  warehouse: { duckdb: `${STATE}/warehouse.duckdb`, memoryLimit: '3GB' },
  catalog: { sqlite: `${STATE}/catalog.sqlite` },
  online: { lmdb: `${STATE}/online` },
  artifacts: { folder: `${STATE}/artifacts` },
  reports: `${STATE}/reports`,
  definitions: () => import('./definitions/index.ts'),
  // Where changes travel through a broker: the variable names it, and each source its topic.
  ...(process.env[BROKERS] === undefined ? {} : { ingest: { kafka: { brokersFrom: BROKERS } } }),
  quality: {
    severity: {
      // People pay when they pay; an account may rest for weeks, and most customers never change anything.
      'mart.fact_transactions.gaps': 'off',
      'mart.fact_transactions.silent': 'off',
      'mart.fact_customer_change.silent': 'off',
      'mart.fact_customer_change.gaps': 'off',
      'mart.fact_customer_change.changed_at.freshness': 'off',
    },
  },
  serving: { port: 8080, auth: 'none', log: { folder: `${STATE}/log` } },
  trainingSets: [
    {
      name: 'payment_fraud',
      service: 'payment_fraud',
      labels: ['fraud'],
      spine: everyPayment,
      time: 'at',
      asOf: UNTIL,
      // Learnt from, stopped by, judged by: each later than the one before.
      split: { at: [daysBack(45), daysBack(30)] },
    },
  ],
  monitors: [
    // What was asked of the server, by its log of predictions, against what the model was trained on.
    { name: 'payment_fraud', model: 'payment_fraud' },
  ],
})
