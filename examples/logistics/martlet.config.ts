import { defineConfig } from 'martlet'
import { everyShipment, everyVehicle } from './definitions/index.ts'
import { loads, snapshots } from './src/mart-steps.ts'
import { STATE } from './src/state-folder.ts'
import { daysBack, UNTIL } from './src/world-range.ts'

/** Models learn from the first eight months, stop by the next two, and are judged by the last two. */
const split = { at: [daysBack(122), daysBack(61)] } as const

export default defineConfig({
  warehouse: { duckdb: `${STATE}/warehouse.duckdb`, memoryLimit: '4GB' },
  catalog: { sqlite: `${STATE}/catalog.sqlite` },
  online: { lmdb: `${STATE}/online` },
  artifacts: { folder: `${STATE}/artifacts` },
  definitions: () => import('./definitions/index.ts'),
  loads,
  snapshots,
  // Shipments whose pick-up was never scanned have no time; they count for nothing, and are no reason to stop.
  quality: { severity: { 'mart.fact_shipment.picked_up_at.null': 'warn' } },
  serving: { port: 8080, auth: 'none', log: { folder: `${STATE}/log` } },
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
