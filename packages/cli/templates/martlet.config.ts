import { defineConfig } from 'martlet'

export default defineConfig({
  // The four places that keep state; paths count from this file.
  warehouse: { duckdb: '.martlet/warehouse.duckdb' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: { lmdb: '.martlet/online' },
  artifacts: { folder: '.martlet/artifacts' },

  definitions: () => import('./definitions.ts'),

  // 'none' answers everybody who reaches this machine's own address; for others, list keys by their SHA-256.
  serving: { port: 8080, auth: 'none', log: { folder: '.martlet/log' } },

  trainingSets: [
    {
      name: 'next_day_training',
      service: 'next_day',
      labels: ['next_day_kwh'],
      spine: 'spine.sql',
      time: 'predict_at',
    },
  ],

  monitors: [{ name: 'usage_drift', service: 'next_day', profile: 'next_day_training', window: '7d', windows: 2 }],
})
