import { defineConfig } from 'martlet'
import { everyShipment, everyVehicle } from './definitions/index.ts'
import { loads, snapshots } from './src/mart-steps.ts'
import { daysBack, UNTIL } from './src/world-range.ts'

/** Models learn from the first eight months, stop by the next two, and are judged by the last two. */
const split = { at: [daysBack(122), daysBack(61)] } as const
export default defineConfig({
  warehouse: { duckdb: '.martlet/warehouse.duckdb', memoryLimit: '4GB' },
  catalog: { sqlite: '.martlet/catalog.sqlite' },
  online: { lmdb: '.martlet/online' },
  artifacts: { folder: '.martlet/artifacts' },
  definitions: () => import('./definitions/index.ts'),
  loads,
  snapshots,
  serving: { port: 8080, auth: 'none', log: { folder: '.martlet/log' } },
  trainingSets: [
    {
      name: 'maintenance_risk',
      service: 'maintenance_risk',
      labels: ['fails'],
      spine: everyVehicle(daysBack(334), UNTIL),
      time: 'at',
      asOf: UNTIL,
      split,
    },
    {
      name: 'delivery_delay',
      service: 'delivery_delay',
      labels: ['minutes_late', 'late'],
      spine: everyShipment,
      time: 'at',
      asOf: UNTIL,
      split,
    },
  ],
})
