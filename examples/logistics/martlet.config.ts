import { defineConfig } from 'martlet'
import { everyShipment, everyVehicle } from './definitions/index.ts'

/** Models learn until September, stop by September and October, and are judged by November and December. */
const split = { at: ['2025-09-01', '2025-11-01'] } as const

export default defineConfig({
  warehouse: { duckdb: '.martlet/warehouse.duckdb', memoryLimit: '4GB' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: { lmdb: '.martlet/online' },
  artifacts: { folder: '.martlet/artifacts' },
  definitions: () => import('./definitions/index.ts'),
  serving: { port: 8080, auth: 'none', log: { folder: '.martlet/log' } },
  trainingSets: [
    {
      name: 'maintenance_risk',
      service: 'maintenance_risk',
      labels: ['fails'],
      spine: everyVehicle('2025-02-01', '2026-01-01'),
      time: 'at',
      asOf: '2026-01-01',
      split,
    },
    {
      name: 'delivery_delay',
      service: 'delivery_delay',
      labels: ['minutes_late', 'late'],
      spine: everyShipment,
      time: 'at',
      asOf: '2026-01-01',
      split,
    },
  ],
})
