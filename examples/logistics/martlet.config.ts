import { defineConfig } from 'martlet'
import { everyShipment, everyVehicle } from './definitions/index.ts'
import { ZONE } from './definitions/mart.ts'
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
  reports: `${STATE}/reports`,
  definitions: () => import('./definitions/index.ts'),
  loads,
  snapshots,
  quality: {
    severity: {
      // Shipments whose pick-up was never scanned have no time; they count for nothing, and are no reason to stop.
      'mart.fact_shipment.picked_up_at.null': 'warn',
      // Vehicles stand at night and on Sundays, some customers and routes rest for weeks, and the generated year ends at midnight.
      'mart.fact_vehicle_telemetry.gaps': 'off',
      'mart.fact_vehicle_utilization.gaps': 'off',
      'mart.fact_delivery.silent': 'off',
      'mart.fact_shipment.silent': 'off',
      'mart.fact_maintenance.silent': 'off',
      'mart.fact_route_conditions.observed_at.freshness': 'off',
    },
  },
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
  monitors: [
    {
      name: 'maintenance_risk',
      service: 'maintenance_risk',
      // What should not depend on the season.
      columns: [
        'vehicle_profile__vehicle_type',
        'vehicle_rolling__fuel_per_100km_7',
        'vehicle_rolling__momentum',
        'vehicle_load__load_share_28days',
        'vehicle_load__idle_days_28',
        'vehicle_rolling__faults_28days',
      ],
      window: '7d',
      windows: 1,
    },
    // What was asked of the server, by its log of predictions.
    { name: 'delivery_delay', model: 'delivery_delay' },
  ],
  schedules: [
    {
      name: 'nightly',
      every: '1d',
      at: '03:00',
      zone: ZONE,
      run: [
        'load',
        'snapshot',
        'materialize --to {due}',
        'score maintenance_risk --every 1d --of vehicle_profile --start {day} --end {day+1d} ' +
          `--zone ${ZONE} --after 1h --into scores.maintenance_risk`,
      ],
    },
    // Ends with exit code 1, and so fails, when what the models read has changed: alerts.webhook tells somebody.
    { name: 'weekly', every: '1w', on: 'monday', at: '04:00', zone: ZONE, run: ['drift'] },
  ],
})
