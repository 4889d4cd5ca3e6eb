import { defineConfig } from 'martlet'
import { daily, etl, merged } from './src/mart-steps.ts'
import { STATE } from './src/state-folder.ts'

export default defineConfig({
  warehouse: { duckdb: `${STATE}/warehouse.duckdb`, memoryLimit: '3GB' },
  catalog: { sqlite: `${STATE}/catalog.sqlite` },
  online: { lmdb: `${STATE}/online` },
  artifacts: { folder: `${STATE}/artifacts` },
  reports: `${STATE}/reports`,
  definitions: () => import('./definitions/index.ts'),
  loads: [...merged, ...daily],
  pipelines: [etl],
  schedules: [
    {
      name: 'nightly',
      every: '1d',
      at: '00:30',
      zone: 'Europe/London',
      run: ['run etl --reference-date {date-1d}', 'materialize --to {due}'],
    },
  ],
  quality: {
    severity: {
      // Meters fall silent for hours, which the generated world means; agreements last for years.
      'mart.fact_consumption.gaps': 'off',
      'mart.fact_agreement.silent': 'off',
    },
  },
  serving: { port: 8080, auth: 'none' },
})
