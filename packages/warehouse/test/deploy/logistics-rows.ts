import { sql, type Sql, type Warehouse } from '@martlet/warehouse'

type Value = string | number | null

/** A few rows of every table that views read, the same on both engines: a customer who moved up, a swapped odometer, a lost scan. */
export async function fillLogistics(warehouse: Warehouse): Promise<void> {
  for (const [table, columns, rows] of ROWS) {
    const types = await typesOf(warehouse, table)
    for (const row of rows) {
      const names = columns.split(' ')
      const values = row.map((value, at) => cell(value, types.get(names[at] ?? '')))
      await warehouse.run(
        sql`
          INSERT INTO ${sql.id(...table.split('.'))} (${sql.join(names.map((name) => sql.id(name)))})
          SELECT ${sql.join(values)}
        `,
      )
    }
  }

  function cell(value: Value, type: Sql | undefined): Sql {
    if (type === undefined) throw new Error('a column that the table does not have')
    return sql`CAST(${value === null ? null : String(value)} AS ${type})`
  }
}

async function typesOf(warehouse: Warehouse, table: string): Promise<ReadonlyMap<string, Sql>> {
  const columns = (await warehouse.introspect(table)) ?? []
  return new Map(columns.map(({ name, type }) => [name.toLowerCase(), warehouse.leaves.columnType(type)]))
}

const at = (day: string, time = '00:00:00'): string => `2026-${day} ${time}`

const ROWS: readonly (readonly [table: string, columns: string, rows: readonly (readonly Value[])[]])[] = [
  [
    'mart.dim_customer',
    'customer_id name email segment tier depot_id credit_limit valid_from valid_to',
    [
      ['c1', 'Ada', 'ada@x.org', 'food', 'basic', 'd1', 100, at('01-01'), at('02-01')],
      ['c1', 'Ada', 'ada@x.org', 'food', 'plus', 'd1', 250.5, at('02-01'), null],
      ['c2', 'Ben', null, 'health', 'basic', 'd2', null, at('01-05'), null],
      ['c3', 'Cyd', 'cyd@x.org', 'retail', 'premium', 'd1', 900, at('01-06'), null],
    ],
  ],
  [
    'mart.dim_vehicle',
    'vehicle_id plate vehicle_type capacity_kg commissioned_on home_site_id status valid_from valid_to',
    [
      ['v1', 'M-1', 'van', 900, '2025-12-02', 'd1', 'active', at('01-01'), null],
      ['v2', 'M-2', 'rigid', 7000, '2025-06-01', 'd2', 'workshop', at('01-01'), null],
      ['v3', 'M-3', 'van', 900, '2020-01-01', 'd2', 'active', at('01-01'), at('02-01')],
      ['v3', 'M-3', 'van', 900, '2020-01-01', 'd2', 'sold', at('02-01'), null],
      ['v4', 'M-4', 'van', 900, '2026-01-01', 'd1', 'active', at('01-01'), null],
    ],
  ],
  [
    'mart.fact_vehicle_telemetry',
    'vehicle_id recorded_at odometer_km engine_hours fuel_l speed_kmh engine_temp_c fault_code arrived_at',
    [
      ['v1', at('02-01'), 1000, 50, 1, 60, 80, null, at('02-01')],
      ['v1', at('03-01'), 9000, 300, 1, 60, 80, null, at('03-02')],
      ['v1', at('03-11', '12:00:00'), 12_500.5, 420, 1, 0, 81, 'P0420', at('03-12')],
      ['v1', at('03-11', '13:00:00'), null, 420, 1, 0, 81, null, at('03-12')],
      ['v2', at('02-10'), 80_000, 900, 1, 60, 80, null, at('02-10')],
      ['v2', at('03-10'), 40, 960, 1, 60, 80, null, at('03-10')],
    ],
  ],
  [
    'mart.dim_maintenance_schedule',
    'vehicle_id oil_every_km oil_every_days brakes_every_km tyres_every_km inspection_every_days ' +
      'inspection_every_engine_hours valid_from valid_to',
    [
      ['v1', 10_000, 100, 20_000, null, 365, 500, at('01-01'), null],
      ['v2', 10_000, 30, 50_000, 60_000, null, 60, at('01-01'), null],
      ['v3', 10_000, 30, 50_000, 60_000, 365, 60, at('01-01'), null],
      ['v4', 10_000, 30, null, null, null, null, at('01-01'), null],
    ],
  ],
  [
    'mart.fact_maintenance',
    'work_order_id vehicle_id kind performed_at cost updated_at _loaded_at',
    [
      ['w1', 'v1', 'oil', at('02-02'), 80, at('02-03'), at('02-03')],
      ['w2', 'v1', 'oil', at('03-02'), 80, at('03-03'), at('03-03')],
      ['w3', 'v1', 'breakdown', at('03-05'), 900, at('03-06'), at('03-06')],
      ['w4', 'v2', 'oil', at('02-11'), 90, at('02-12'), at('02-12')],
      ['w5', 'v2', 'inspection', at('01-02'), 90, at('02-12'), at('02-12')],
      ['w6', 'v2', 'brakes', at('03-20'), 90, at('03-21'), at('03-21')],
    ],
  ],
  [
    'mart.fact_shipment',
    'shipment_id customer_id vehicle_id route_id origin_id destination_id distance_km weight_kg price picked_up_at ' +
      'promised_at delivered_at _loaded_at',
    [
      [
        's1',
        'c1',
        'v1',
        'r1',
        'd1',
        'd2',
        120,
        50,
        30,
        at('03-01', '06:00:00'),
        at('03-01', '10:00:00'),
        at('03-01', '11:30:00'),
        at('03-01'),
      ],
      [
        's2',
        'c1',
        'v1',
        'r2',
        'd2',
        'd3',
        80,
        50,
        20.25,
        at('03-02', '06:00:00'),
        at('03-02', '10:00:00'),
        at('03-02', '09:00:00'),
        at('03-02'),
      ],
      [
        's3',
        'c1',
        'v1',
        'r1',
        'd1',
        'd2',
        120,
        50,
        30,
        at('03-03', '06:00:00'),
        at('03-03', '10:00:00'),
        null,
        at('03-03'),
      ],
      [
        's4',
        'c2',
        'v2',
        'r1',
        'd1',
        'd2',
        120,
        50,
        30,
        at('03-04', '06:00:00'),
        at('03-04', '10:00:00'),
        at('03-04', '10:00:00'),
        at('03-04'),
      ],
      [
        's5',
        'c2',
        'v2',
        'r3',
        'd3',
        'd4',
        10,
        50,
        5,
        at('03-05', '06:00:00'),
        at('03-05', '10:00:00'),
        null,
        at('03-05'),
      ],
    ],
  ],
  ['raw.telemetry', 'vehicle_id recorded_at _loaded_at', [['v1', at('03-11'), at('03-13')]]],
  ['staging.shipments', 'shipment_id updated_at _loaded_at', [['s1', at('03-01'), at('03-06')]]],
]
