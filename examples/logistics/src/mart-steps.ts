const file = (name: string): string => `loads/${name}.sql`

/** The loads of the mart, in the order in which they run: each reads what the ones before it have written. */
export const loads = [
  {
    name: 'customers',
    from: 'raw.customers',
    into: 'staging.customers',
    key: ['customer_id'],
    loadedAt: '_loaded_at',
    newest: 'updated_at',
  },
  {
    name: 'vehicles',
    from: 'raw.vehicles',
    into: 'staging.vehicles',
    key: ['vehicle_id'],
    loadedAt: '_loaded_at',
    newest: 'updated_at',
  },
  {
    name: 'shipments',
    from: 'raw.shipments',
    into: 'staging.shipments',
    key: ['shipment_id'],
    loadedAt: '_loaded_at',
    newest: 'updated_at',
  },
  {
    name: 'vehicle_schedule',
    from: file('vehicle-schedule'),
    into: 'staging.vehicle_schedule',
    key: ['vehicle_id', 'updated_at'],
    loadedAt: '_loaded_at',
  },
  {
    name: 'locations',
    from: file('locations'),
    into: 'mart.dim_location',
    key: ['location_id'],
    loadedAt: '_loaded_at',
  },
  { name: 'calendar', from: file('calendar'), into: 'mart.dim_date', key: ['date'], loadedAt: '_loaded_at' },
  {
    name: 'weather',
    from: file('weather'),
    into: 'mart.dim_weather',
    key: ['region', 'valid_from'],
    loadedAt: '_loaded_at',
  },
  {
    name: 'traffic',
    from: file('traffic'),
    into: 'mart.dim_traffic',
    key: ['region', 'valid_from'],
    loadedAt: '_loaded_at',
  },
  {
    name: 'maintenance',
    from: 'raw.maintenance',
    into: 'mart.fact_maintenance',
    key: ['work_order_id'],
    loadedAt: '_loaded_at',
    newest: 'updated_at',
  },
  {
    name: 'telemetry',
    from: file('telemetry'),
    into: 'mart.fact_vehicle_telemetry',
    key: ['vehicle_id', 'recorded_at'],
    loadedAt: 'arrived_at',
  },
  {
    name: 'fact_shipment',
    from: file('shipments'),
    into: 'mart.fact_shipment',
    key: ['shipment_id'],
    loadedAt: '_loaded_at',
  },
  {
    name: 'utilization',
    from: file('utilization'),
    into: 'mart.fact_vehicle_utilization',
    key: ['vehicle_id', 'day'],
    loadedAt: '_loaded_at',
  },
  {
    name: 'route_performance',
    from: file('route-performance'),
    into: 'mart.fact_route_performance',
    key: ['route_id', 'day'],
    loadedAt: '_loaded_at',
  },
  {
    name: 'route_conditions',
    from: file('route-conditions'),
    into: 'mart.fact_route_conditions',
    key: ['route_id', 'observed_at'],
    loadedAt: '_loaded_at',
  },
] as const

/** Dimensions with the history of their rows, from every version that was delivered. */
export const snapshots = [
  { name: 'customers', from: 'raw.customers', into: 'mart.dim_customer', key: ['customer_id'], at: 'updated_at' },
  { name: 'vehicles', from: 'raw.vehicles', into: 'mart.dim_vehicle', key: ['vehicle_id'], at: 'updated_at' },
  { name: 'routes', from: 'raw.routes', into: 'mart.dim_route', key: ['route_id'], at: 'updated_at' },
  {
    name: 'maintenance_schedule',
    from: 'staging.vehicle_schedule',
    into: 'mart.dim_maintenance_schedule',
    key: ['vehicle_id'],
    at: 'updated_at',
  },
] as const
