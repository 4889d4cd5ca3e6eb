import { sql, type Warehouse } from '@martlet/warehouse'
import { profileReference, runDrift, type DriftResult, type ProfiledColumn } from '../../src/index.ts'
import { files } from './files.ts'

const codes = ['vendor_id', 'ratecode_id', 'pu_location_id', 'do_location_id', 'payment_type', 'trip_type']
const amounts = [
  'trip_distance',
  'fare_amount',
  'extra',
  'mta_tax',
  'tip_amount',
  'tolls_amount',
  'improvement_surcharge',
  'total_amount',
  'congestion_surcharge',
]
const columns: readonly ProfiledColumn[] = [
  ...amounts.map((name) => ({ name, type: 'double' as const })),
  { name: 'passenger_count', type: 'integer' },
  ...codes.map((name) => ({ name, type: 'integer' as const, as: 'category' as const })),
  { name: 'store_and_fwd_flag', type: 'text' },
]

/** Trips of March 2024 compared with those of January 2021, all columns. */
export async function watchTaxis(warehouse: Warehouse): Promise<DriftResult> {
  await warehouse.run(sql`
    CREATE TABLE trips AS SELECT * FROM read_parquet(${files.trips}) WHERE source_month IN ('2021-01', '2024-03')
  `)
  const month = (name: string) => sql`SELECT * EXCLUDE (source_month) FROM trips WHERE source_month = ${name}`
  const time = 'lpep_pickup_datetime'
  const profile = await profileReference(warehouse, { name: 'green_taxis', relation: month('2021-01'), columns, time })
  return runDrift({
    warehouse,
    profile,
    current: { relation: month('2024-03'), time },
    windows: [{ from: new Date('2024-03-01T00:00:00Z'), to: new Date('2024-04-01T00:00:00Z') }],
    now: new Date('2024-04-01T00:00:00Z'),
    record: false,
  })
}
